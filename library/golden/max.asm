.program max
.operands a b
.entry main
main:
  lt    r2, r0, r1            ; (< a b)
  const r3, @main.then
  jump  r2, r3                ; if (< a b)
  halt
main.then:
  move  r0, r1                ; result b
  halt
