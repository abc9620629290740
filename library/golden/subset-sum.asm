.program subset-sum
.operands s
.array v 0 4
.reserve 36
.entry main
main:
  zero  r1                    ; 0
  const r2, #4
  write r2, r1                ; (zeros 16)
  zero  r1                    ; 0
  const r2, #5
  write r2, r1                ; (zeros 16)
  zero  r1                    ; 0
  const r2, #6
  write r2, r1                ; (zeros 16)
  zero  r1                    ; 0
  const r2, #7
  write r2, r1                ; (zeros 16)
  zero  r1                    ; 0
  const r2, #8
  write r2, r1                ; (zeros 16)
  zero  r1                    ; 0
  const r2, #9
  write r2, r1                ; (zeros 16)
  zero  r1                    ; 0
  const r2, #10
  write r2, r1                ; (zeros 16)
  zero  r1                    ; 0
  const r2, #11
  write r2, r1                ; (zeros 16)
  zero  r1                    ; 0
  const r2, #12
  write r2, r1                ; (zeros 16)
  zero  r1                    ; 0
  const r2, #13
  write r2, r1                ; (zeros 16)
  zero  r1                    ; 0
  const r2, #14
  write r2, r1                ; (zeros 16)
  zero  r1                    ; 0
  const r2, #15
  write r2, r1                ; (zeros 16)
  zero  r1                    ; 0
  const r2, #16
  write r2, r1                ; (zeros 16)
  zero  r1                    ; 0
  const r2, #17
  write r2, r1                ; (zeros 16)
  zero  r1                    ; 0
  const r2, #18
  write r2, r1                ; (zeros 16)
  zero  r1                    ; 0
  const r2, #19
  write r2, r1                ; (zeros 16)
  const r1, #1                ; 1
  const r2, #20
  write r2, r1                ; (update (zeros 16) 0 1)
  const r1, #5
  read  r1, r1                ; (update (zeros 16) 0 1)
  const r2, #21
  write r2, r1                ; (update (zeros 16) 0 1)
  const r1, #6
  read  r1, r1                ; (update (zeros 16) 0 1)
  const r2, #22
  write r2, r1                ; (update (zeros 16) 0 1)
  const r1, #7
  read  r1, r1                ; (update (zeros 16) 0 1)
  const r2, #23
  write r2, r1                ; (update (zeros 16) 0 1)
  const r1, #8
  read  r1, r1                ; (update (zeros 16) 0 1)
  const r2, #24
  write r2, r1                ; (update (zeros 16) 0 1)
  const r1, #9
  read  r1, r1                ; (update (zeros 16) 0 1)
  const r2, #25
  write r2, r1                ; (update (zeros 16) 0 1)
  const r1, #10
  read  r1, r1                ; (update (zeros 16) 0 1)
  const r2, #26
  write r2, r1                ; (update (zeros 16) 0 1)
  const r1, #11
  read  r1, r1                ; (update (zeros 16) 0 1)
  const r2, #27
  write r2, r1                ; (update (zeros 16) 0 1)
  const r1, #12
  read  r1, r1                ; (update (zeros 16) 0 1)
  const r2, #28
  write r2, r1                ; (update (zeros 16) 0 1)
  const r1, #13
  read  r1, r1                ; (update (zeros 16) 0 1)
  const r2, #29
  write r2, r1                ; (update (zeros 16) 0 1)
  const r1, #14
  read  r1, r1                ; (update (zeros 16) 0 1)
  const r2, #30
  write r2, r1                ; (update (zeros 16) 0 1)
  const r1, #15
  read  r1, r1                ; (update (zeros 16) 0 1)
  const r2, #31
  write r2, r1                ; (update (zeros 16) 0 1)
  const r1, #16
  read  r1, r1                ; (update (zeros 16) 0 1)
  const r2, #32
  write r2, r1                ; (update (zeros 16) 0 1)
  const r1, #17
  read  r1, r1                ; (update (zeros 16) 0 1)
  const r2, #33
  write r2, r1                ; (update (zeros 16) 0 1)
  const r1, #18
  read  r1, r1                ; (update (zeros 16) 0 1)
  const r2, #34
  write r2, r1                ; (update (zeros 16) 0 1)
  const r1, #19
  read  r1, r1                ; (update (zeros 16) 0 1)
  const r2, #35
  write r2, r1                ; (update (zeros 16) 0 1)
  zero  r1                    ; can, i at first
main.next:
  const r2, #4                ; 4
  eq    r2, r1, r2            ; (= i (vlen v))
  const r3, @main.then
  jump  r2, r3                ; if (= i (vlen v))
  move  r2, r0                ; can.1, sum at first
main.fill:
  read  r3, r1                ; (ref v i)
  lt    r3, r2, r3            ; (< sum (ref v i))
  const r4, @main.then2
  jump  r3, r4                ; if (< sum (ref v i))
  not   r3, r2                ; (= sum 0)
  const r4, @main.join
  ret   r4                    ; to main.join
main.then2:
main.join:
  const r4, @main.else
  jez   r3, r4                ; unless (or (< sum (ref v i)) (= sum 0))
  inc   r1, r1                ; (+ i 1)
  const r2, @main.next
  ret   r2                    ; to main.next
main.else:
  read  r3, r1                ; (ref v i)
  sub   r3, r2, r3            ; (- sum (ref v i))
  const r4, #20
  add   r4, r4, r3
  read  r4, r4                ; (ref can (- sum (ref v i)))
  const r3, @main.else2
  jez   r4, r3                ; unless (ref can (- sum (ref v i)))
  const r3, #1                ; 1
  const r4, #20
  add   r4, r4, r2
  write r4, r3                ; (update can sum 1)
  dec   r2, r2                ; (- sum 1)
  const r3, @main.fill
  ret   r3                    ; to main.fill
main.else2:
  dec   r2, r2                ; (- sum 1)
  const r3, @main.fill
  ret   r3                    ; to main.fill
main.then:
  const r1, #20
  add   r1, r1, r0
  read  r1, r1                ; (ref can s)
  move  r0, r1                ; result (ref can s)
  halt
