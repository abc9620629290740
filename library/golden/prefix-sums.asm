.program prefix-sums
.array v 0 6
.result 6 6
.reserve 12
.entry main
main:
  const r0, #1                ; v.2, i at first
main.loop:
  const r1, #6                ; 6
  eq    r1, r0, r1            ; (= i (vlen v))
  const r2, @main.then
  jump  r1, r2                ; if (= i (vlen v))
  read  r1, r0                ; (ref v i)
  dec   r2, r0                ; (- i 1)
  read  r2, r2                ; (ref v (- i 1))
  add   r1, r1, r2            ; (+ (ref v i) (ref v (- i 1)))
  write r0, r1                ; (update v i (+ (ref v i) (ref v (- i 1))))
  inc   r0, r0                ; (+ i 1)
  const r1, @main.loop
  ret   r1                    ; to main.loop
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
