.program gcd
.operands a b
.entry main
main:
main.gcd:
  const r2, @main.then
  jez   r1, r2                ; if (= b 0)
  mod   r2, r0, r1            ; (modulo a b)
  move  r0, r1                ; (gcd b (modulo a b))
  move  r1, r2                ; (gcd b (modulo a b))
  const r2, @main.gcd
  ret   r2                    ; to main.gcd
main.then:
  halt
