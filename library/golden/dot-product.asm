.program dot-product
.array v 0 4
.array w 4 4
.reserve 8
.entry main
main:
  zero  r0
  read  r0, r0                ; (dot v w)
  const r1, #4
  read  r1, r1                ; (dot v w)
  mul   r0, r0, r1            ; (dot v w)
  const r1, #1
  read  r1, r1                ; (dot v w)
  const r2, #5
  read  r2, r2                ; (dot v w)
  mul   r1, r1, r2            ; (dot v w)
  add   r0, r0, r1            ; (dot v w)
  const r1, #2
  read  r1, r1                ; (dot v w)
  const r2, #6
  read  r2, r2                ; (dot v w)
  mul   r1, r1, r2            ; (dot v w)
  add   r0, r0, r1            ; (dot v w)
  const r1, #3
  read  r1, r1                ; (dot v w)
  const r2, #7
  read  r2, r2                ; (dot v w)
  mul   r1, r1, r2            ; (dot v w)
  add   r0, r0, r1            ; (dot v w)
  halt
