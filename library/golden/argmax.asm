.program argmax
.array v 0 6
.reserve 6
.entry main
main:
  const r0, #1                ; i, best at first
  zero  r1                    ; i, best at first
main.loop:
  const r2, #6                ; 6
  eq    r2, r0, r2            ; (= i (vlen v))
  const r3, @main.then
  jump  r2, r3                ; if (= i (vlen v))
  inc   r2, r0                ; (+ i 1)
  read  r3, r0                ; (ref v i)
  read  r4, r1                ; (ref v best)
  lt    r3, r4, r3            ; (> (ref v i) (ref v best))
  const r4, @main.then2
  jump  r3, r4                ; if (> (ref v i) (ref v best))
  const r0, @main.join
  ret   r0                    ; to main.join
main.then2:
  move  r1, r0                ; i
main.join:
  move  r0, r2                ; (loop (+ i 1) (if (> (ref v i) (ref v best)…
  const r2, @main.loop
  ret   r2                    ; to main.loop
main.then:
  move  r0, r1                ; result best
  halt
