.program subtract
.operands a b
.entry main
main:
  sub   r0, r0, r1            ; (- a b)
  halt
