.program bubble-sort
.array v 0 6
.result 6 6
.reserve 18
.entry main
main:
  const r0, #6                ; 6
  dec   r0, r0                ; (- (vlen v) 1)
  zero  r1
  read  r1, r1                ; v.2, end at first
  const r2, #1
  read  r2, r2                ; v.2, end at first
  const r3, #2
  read  r3, r3                ; v.2, end at first
  const r4, #3
  read  r4, r4                ; v.2, end at first
  const r5, #4
  read  r5, r5                ; v.2, end at first
  const r6, #5
  read  r6, r6                ; v.2, end at first
main.pass:
  const r7, @main.then
  jez   r0, r7                ; if (= end 0)
  const r7, #12
  write r7, r1                ; v.3, i at first
  const r1, #13
  write r1, r2                ; v.3, i at first
  const r1, #14
  write r1, r3                ; v.3, i at first
  const r1, #15
  write r1, r4                ; v.3, i at first
  const r1, #16
  write r1, r5                ; v.3, i at first
  const r1, #17
  write r1, r6                ; v.3, i at first
  zero  r1                    ; v.3, i at first
main.step:
  eq    r2, r1, r0            ; (= i end)
  const r3, @main.then2
  jump  r2, r3                ; if (= i end)
  const r2, #12
  add   r2, r2, r1
  read  r2, r2                ; (ref v i)
  inc   r3, r1                ; (+ i 1)
  const r4, #12
  add   r4, r4, r3
  read  r4, r4                ; (ref v (+ i 1))
  lt    r3, r4, r2            ; (> x y)
  const r5, @main.then3
  jump  r3, r5                ; if (> x y)
  inc   r1, r1                ; (+ i 1)
  const r2, @main.step
  ret   r2                    ; to main.step
main.then3:
  const r3, #12
  add   r3, r3, r1
  write r3, r4                ; (update v i y)
  inc   r3, r1                ; (+ i 1)
  const r4, #12
  add   r4, r4, r3
  write r4, r2                ; (update (update v i y) (+ i 1) x)
  inc   r1, r1                ; (+ i 1)
  const r2, @main.step
  ret   r2                    ; to main.step
main.then2:
  dec   r0, r0                ; (- end 1)
  const r1, #12
  read  r1, r1                ; (pass v (- end 1))
  const r2, #13
  read  r2, r2                ; (pass v (- end 1))
  const r3, #14
  read  r3, r3                ; (pass v (- end 1))
  const r4, #15
  read  r4, r4                ; (pass v (- end 1))
  const r5, #16
  read  r5, r5                ; (pass v (- end 1))
  const r6, #17
  read  r6, r6                ; (pass v (- end 1))
  const r7, @main.pass
  ret   r7                    ; to main.pass
main.then:
  const r0, #6
  write r0, r1                ; result v
  const r0, #7
  write r0, r2                ; result v
  const r0, #8
  write r0, r3                ; result v
  const r0, #9
  write r0, r4                ; result v
  const r0, #10
  write r0, r5                ; result v
  const r0, #11
  write r0, r6                ; result v
  const r0, #6                ; result v
  halt
