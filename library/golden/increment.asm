.program increment
.operands a
.entry main
main:
  inc   r0, r0                ; (+ a 1)
  halt
