.program median-of-three
.operands a b c
.entry main
main:
  min   r3, r0, r1            ; (min a b)
  max   r0, r0, r1            ; (max a b)
  min   r0, r0, r2            ; (min (max a b) c)
  max   r0, r3, r0            ; (max (min a b) (min (max a b) c))
  halt
