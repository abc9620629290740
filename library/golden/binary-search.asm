.program binary-search
.operands x
.array v 0 6
.reserve 6
.entry main
main:
  zero  r1                    ; low, high at first
  const r2, #6                ; low, high at first
main.loop:
  eq    r3, r1, r2            ; (= low high)
  const r4, @main.then
  jump  r3, r4                ; if (= low high)
  add   r3, r1, r2            ; (+ low high)
  const r4, #2                ; 2
  div   r3, r3, r4            ; (quotient (+ low high) 2)
  read  r4, r3                ; (ref v middle)
  lt    r4, r4, r0            ; (< (ref v middle) x)
  const r5, @main.then2
  jump  r4, r5                ; if (< (ref v middle) x)
  move  r2, r3                ; (loop low middle)
  const r3, @main.loop
  ret   r3                    ; to main.loop
main.then2:
  inc   r1, r3                ; (+ middle 1)
  const r3, @main.loop
  ret   r3                    ; to main.loop
main.then:
  move  r0, r1                ; result low
  halt
