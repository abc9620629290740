.program remainder
.operands a b
.entry main
main:
  not   r2, r1                ; (= b 0)
  const r3, @main.then
  jump  r2, r3                ; if (= b 0)
  mod   r0, r0, r1            ; (modulo a b)
  halt
main.then:
  zero  r0                    ; result 0
  halt
