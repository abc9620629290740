.program list-reverse
.array v 0 6
.result 6 6
.reserve 12
.entry main
main:
  const r0, #6                ; 6
  dec   r0, r0                ; (- (vlen v) 1)
  zero  r1                    ; v.2, i, j at first
main.loop:
  lt    r2, r1, r0            ; (>= i j)
  const r3, @main.else
  jump  r2, r3                ; unless (>= i j)
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
main.else:
  read  r2, r1                ; (ref v i)
  read  r3, r0                ; (ref v j)
  write r1, r3                ; (update v i right)
  write r0, r2                ; (update (update v i right) j left)
  inc   r1, r1                ; (+ i 1)
  dec   r0, r0                ; (- j 1)
  const r2, @main.loop
  ret   r2                    ; to main.loop
