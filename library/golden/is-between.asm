.program is-between
.operands a low high
.entry main
main:
  lt    r1, r0, r1            ; (<= low a high)
  not   r1, r1                ; (<= low a high)
  lt    r0, r2, r0            ; (<= low a high)
  not   r0, r0                ; (<= low a high)
  mul   r0, r1, r0            ; (<= low a high)
  halt
