.program add
.operands a b
.entry main
main:
  add   r0, r0, r1            ; (+ a b)
  halt
