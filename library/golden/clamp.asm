.program clamp
.operands a low high
.entry main
main:
  max   r0, r0, r1            ; (max a low)
  min   r0, r0, r2            ; (min (max a low) high)
  halt
