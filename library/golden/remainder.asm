.program remainder
.operands a b
.entry main
main:
  const r2, @main.then
  jez   r1, r2                ; if (= b 0)
  mod   r0, r0, r1            ; (modulo a b)
  halt
main.then:
  zero  r0                    ; result 0
  halt
