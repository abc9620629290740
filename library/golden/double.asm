.program double
.operands a
.entry main
main:
  add   r0, r0, r0            ; (+ a a)
  halt
