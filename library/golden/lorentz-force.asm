.program lorentz-force
.operands q
.array E 0 3
.array v 3 3
.array B 6 3
.result 9 3
.reserve 12
.entry main
main:
  const r1, #4
  read  r1, r1                ; (cross v B)
  const r2, #8
  read  r2, r2                ; (cross v B)
  mul   r1, r1, r2            ; (cross v B)
  const r2, #5
  read  r2, r2                ; (cross v B)
  const r3, #7
  read  r3, r3                ; (cross v B)
  mul   r2, r2, r3            ; (cross v B)
  sub   r1, r1, r2            ; (cross v B)
  const r2, #5
  read  r2, r2                ; (cross v B)
  const r3, #6
  read  r3, r3                ; (cross v B)
  mul   r2, r2, r3            ; (cross v B)
  const r3, #3
  read  r3, r3                ; (cross v B)
  const r4, #8
  read  r4, r4                ; (cross v B)
  mul   r3, r3, r4            ; (cross v B)
  sub   r2, r2, r3            ; (cross v B)
  const r3, #3
  read  r3, r3                ; (cross v B)
  const r4, #7
  read  r4, r4                ; (cross v B)
  mul   r3, r3, r4            ; (cross v B)
  const r4, #4
  read  r4, r4                ; (cross v B)
  const r5, #6
  read  r5, r5                ; (cross v B)
  mul   r4, r4, r5            ; (cross v B)
  sub   r3, r3, r4            ; (cross v B)
  zero  r4
  read  r4, r4                ; (+ E (cross v B))
  add   r1, r4, r1            ; (+ E (cross v B))
  const r4, #1
  read  r4, r4                ; (+ E (cross v B))
  add   r2, r4, r2            ; (+ E (cross v B))
  const r4, #2
  read  r4, r4                ; (+ E (cross v B))
  add   r3, r4, r3            ; (+ E (cross v B))
  mul   r1, r0, r1            ; (scale q (+ E (cross v B)))
  mul   r2, r0, r2            ; (scale q (+ E (cross v B)))
  mul   r0, r0, r3            ; (scale q (+ E (cross v B)))
  const r3, #9
  write r3, r1                ; result (scale q (+ E (cross v B)))
  const r1, #10
  write r1, r2                ; result (scale q (+ E (cross v B)))
  const r1, #11
  write r1, r0                ; result (scale q (+ E (cross v B)))
  const r0, #9                ; result (scale q (+ E (cross v B)))
  halt
