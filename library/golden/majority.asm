.program majority
.operands a b c
.entry main
main:
  const r3, @main.else
  jez   r0, r3                ; unless a
  move  r3, r1                ; b
  const r4, @main.join
  ret   r4                    ; to main.join
main.else:
  zero  r3                    ; (and a b)
main.join:
  const r4, @main.else2
  jez   r3, r4                ; unless (and a b)
  move  r0, r3                ; result (or (and a b) (and c (or a b)))
  halt
main.else2:
  const r3, @main.else3
  jez   r2, r3                ; unless c
  const r2, @main.else4
  jez   r0, r2                ; unless a
  halt
main.else4:
  move  r0, r1                ; result b
  halt
main.else3:
  zero  r0                    ; result (and c (or a b))
  halt
