.program count-of
.operands x
.array v 0 6
.reserve 6
.entry main
main:
  zero  r1                    ; i, count at first
  zero  r2                    ; i, count at first
main.loop:
  const r3, #6                ; 6
  eq    r3, r1, r3            ; (= i (vlen v))
  const r4, @main.then
  jump  r3, r4                ; if (= i (vlen v))
  inc   r3, r1                ; (+ i 1)
  read  r1, r1                ; (ref v i)
  eq    r1, r1, r0            ; (= (ref v i) x)
  add   r2, r2, r1            ; (+ count (= (ref v i) x))
  move  r1, r3                ; (loop (+ i 1) (+ count (= (ref v i) x)))
  const r3, @main.loop
  ret   r3                    ; to main.loop
main.then:
  move  r0, r2                ; result count
  halt
