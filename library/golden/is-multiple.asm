.program is-multiple
.operands a b
.entry main
main:
  const r2, @main.then
  jez   r1, r2                ; if (= b 0)
  mod   r0, r0, r1            ; (modulo a b)
  not   r0, r0                ; (= (modulo a b) 0)
  halt
main.then:
  not   r0, r0                ; (= a 0)
  halt
