.program absolute-difference
.operands a b
.entry main
main:
  lt    r2, r0, r1            ; (< a b)
  const r3, @main.then
  jump  r2, r3                ; if (< a b)
  sub   r0, r0, r1            ; (- a b)
  halt
main.then:
  sub   r0, r1, r0            ; (- b a)
  halt
