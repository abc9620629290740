.program decrement
.operands a
.entry main
main:
  dec   r0, r0                ; (- a 1)
  halt
