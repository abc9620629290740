.program modular-power
.operands a b m
.entry main
main:
  mod   r0, r0, r2            ; (modulo a m)
  const r3, #1                ; 1
  mod   r3, r3, r2            ; (modulo 1 m)
main.loop:
  const r4, @main.then
  jez   r1, r4                ; if (= exponent 0)
  mul   r4, r0, r0            ; (* base base)
  mod   r4, r4, r2            ; (modulo (* base base) m)
  const r5, #2                ; 2
  div   r5, r1, r5            ; (quotient exponent 2)
  const r6, #2                ; 2
  mod   r1, r1, r6            ; (odd? exponent)
  const r6, @main.then2
  jump  r1, r6                ; if (odd? exponent)
  const r0, @main.join
  ret   r0                    ; to main.join
main.then2:
  mul   r0, r3, r0            ; (* result base)
  mod   r3, r0, r2            ; (modulo (* result base) m)
main.join:
  move  r0, r4                ; (loop (modulo (* base base) m) (quotient ex…
  move  r1, r5                ; (loop (modulo (* base base) m) (quotient ex…
  const r4, @main.loop
  ret   r4                    ; to main.loop
main.then:
  move  r0, r3                ; result result
  halt
