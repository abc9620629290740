.program average
.operands a b
.entry main
main:
  lt    r2, r0, r1            ; (< a b)
  const r3, @main.then
  jump  r2, r3                ; if (< a b)
  sub   r0, r0, r1            ; (- a b)
  const r2, #2                ; 2
  div   r0, r0, r2            ; (quotient (- a b) 2)
  add   r0, r1, r0            ; (+ b (quotient (- a b) 2))
  halt
main.then:
  sub   r1, r1, r0            ; (- b a)
  const r2, #2                ; 2
  div   r1, r1, r2            ; (quotient (- b a) 2)
  add   r0, r0, r1            ; (+ a (quotient (- b a) 2))
  halt
