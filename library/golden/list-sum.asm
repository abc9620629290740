.program list-sum
.array v 0 6
.reserve 6
.entry main
main:
  zero  r0                    ; i, result at first
  zero  r1                    ; i, result at first
main.loop:
  const r2, #6                ; 6
  eq    r2, r0, r2            ; (= i (vlen v))
  const r3, @main.then
  jump  r2, r3                ; if (= i (vlen v))
  inc   r2, r0                ; (+ i 1)
  read  r0, r0                ; (ref v i)
  add   r1, r1, r0            ; (+ result (ref v i))
  move  r0, r2                ; (loop (+ i 1) (+ result (ref v i)))
  const r2, @main.loop
  ret   r2                    ; to main.loop
main.then:
  move  r0, r1                ; result result
  halt
