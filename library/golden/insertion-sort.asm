.program insertion-sort
.array v 0 6
.result 6 6
.reserve 12
.entry main
main:
  const r0, #1                ; v.2, i at first
main.next:
  const r1, #6                ; 6
  eq    r1, r0, r1            ; (= i (vlen v))
  const r2, @main.then
  jump  r1, r2                ; if (= i (vlen v))
  read  r1, r0                ; (ref v i)
  move  r2, r0                ; v.3, j at first
main.down:
  not   r3, r2                ; (= j 0)
  const r4, @main.then2
  jez   r2, r4                ; if (= j 0)
  dec   r3, r2                ; (- j 1)
  read  r3, r3                ; (ref v (- j 1))
  lt    r3, r1, r3            ; (<= (ref v (- j 1)) x)
  not   r3, r3                ; (<= (ref v (- j 1)) x)
  const r4, @main.join
  ret   r4                    ; to main.join
main.then2:
main.join:
  const r4, @main.else
  jez   r3, r4                ; unless (or (= j 0) (<= (ref v (- j 1)) x))
  write r2, r1                ; (update v j x)
  inc   r0, r0                ; (+ i 1)
  const r1, @main.next
  ret   r1                    ; to main.next
main.else:
  dec   r3, r2                ; (- j 1)
  read  r3, r3                ; (ref v (- j 1))
  write r2, r3                ; (update v j (ref v (- j 1)))
  dec   r2, r2                ; (- j 1)
  const r3, @main.down
  ret   r3                    ; to main.down
main.then:
  zero  r0
  read  r0, r0                ; result v
  const r1, #6
  write r1, r0                ; result v
  const r0, #1
  read  r0, r0                ; result v
  const r1, #7
  write r1, r0                ; result v
  const r0, #2
  read  r0, r0                ; result v
  const r1, #8
  write r1, r0                ; result v
  const r0, #3
  read  r0, r0                ; result v
  const r1, #9
  write r1, r0                ; result v
  const r0, #4
  read  r0, r0                ; result v
  const r1, #10
  write r1, r0                ; result v
  const r0, #5
  read  r0, r0                ; result v
  const r1, #11
  write r1, r0                ; result v
  const r0, #6                ; result v
  halt
