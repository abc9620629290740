.program lcm
.operands a b
.entry main
main:
  const r2, @main.then
  jez   r0, r2                ; if (= a 0)
  move  r2, r0                ; a.1, b.1 at first
  move  r3, r1                ; a.1, b.1 at first
main.divisor:
  const r4, @main.then2
  jez   r3, r4                ; if (= b 0)
  mod   r4, r2, r3            ; (modulo a b)
  move  r2, r3                ; (divisor b (modulo a b))
  move  r3, r4                ; (divisor b (modulo a b))
  const r4, @main.divisor
  ret   r4                    ; to main.divisor
main.then2:
  div   r0, r0, r2            ; (quotient a (divisor a b))
  mul   r0, r0, r1            ; (* (quotient a (divisor a b)) b)
  halt
main.then:
  zero  r0                    ; result 0
  halt
