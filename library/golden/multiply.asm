.program multiply
.operands a b
.entry main
main:
  mul   r0, r0, r1            ; (* a b)
  halt
