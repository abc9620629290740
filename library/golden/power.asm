.program power
.operands a b
.entry main
main:
  const r2, #1                ; base, exponent, result at first
main.loop:
  const r3, @main.then
  jez   r1, r3                ; if (= exponent 0)
  mul   r3, r0, r0            ; (* base base)
  const r4, #2                ; 2
  div   r4, r1, r4            ; (quotient exponent 2)
  const r5, #2                ; 2
  mod   r1, r1, r5            ; (odd? exponent)
  const r5, @main.then2
  jump  r1, r5                ; if (odd? exponent)
  const r0, @main.join
  ret   r0                    ; to main.join
main.then2:
  mul   r2, r2, r0            ; (* result base)
main.join:
  move  r0, r3                ; (loop (* base base) (quotient exponent 2) (…
  move  r1, r4                ; (loop (* base base) (quotient exponent 2) (…
  const r3, @main.loop
  ret   r3                    ; to main.loop
main.then:
  move  r0, r2                ; result result
  halt
