.program is-sorted
.array v 0 6
.reserve 6
.entry main
main:
  const r0, #1                ; i at first
main.loop:
  const r1, #6                ; 6
  eq    r1, r0, r1            ; (= i (vlen v))
  const r2, @main.then
  jump  r1, r2                ; if (= i (vlen v))
  read  r1, r0                ; (ref v i)
  dec   r2, r0                ; (- i 1)
  read  r2, r2                ; (ref v (- i 1))
  lt    r1, r1, r2            ; (< (ref v i) (ref v (- i 1)))
  const r2, @main.then2
  jump  r1, r2                ; if (< (ref v i) (ref v (- i 1)))
  inc   r0, r0                ; (+ i 1)
  const r1, @main.loop
  ret   r1                    ; to main.loop
main.then2:
  zero  r0                    ; result 0
  halt
main.then:
  const r0, #1                ; result 1
  halt
