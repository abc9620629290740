.program list-min
.array v 0 6
.reserve 6
.entry main
main:
  zero  r0
  read  r0, r0                ; (ref v 0)
  zero  r1                    ; i, result at first
main.loop:
  const r2, #6                ; 6
  eq    r2, r1, r2            ; (= i (vlen v))
  const r3, @main.then
  jump  r2, r3                ; if (= i (vlen v))
  inc   r2, r1                ; (+ i 1)
  read  r1, r1                ; (ref v i)
  min   r0, r0, r1            ; (min result (ref v i))
  move  r1, r2                ; (loop (+ i 1) (min result (ref v i)))
  const r2, @main.loop
  ret   r2                    ; to main.loop
main.then:
  halt
