.program is-coprime
.operands a b
.entry main
main:
main.is-coprime:
  const r2, @main.then
  jez   r1, r2                ; if (= b 0)
  mod   r2, r0, r1            ; (modulo a b)
  move  r0, r1                ; (is-coprime b (modulo a b))
  move  r1, r2                ; (is-coprime b (modulo a b))
  const r2, @main.is-coprime
  ret   r2                    ; to main.is-coprime
main.then:
  const r1, #1                ; 1
  eq    r0, r0, r1            ; (= a 1)
  halt
