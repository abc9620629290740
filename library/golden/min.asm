.program min
.operands a b
.entry main
main:
  lt    r2, r1, r0            ; (< b a)
  const r3, @main.then
  jump  r2, r3                ; if (< b a)
  halt
main.then:
  move  r0, r1                ; result b
  halt
