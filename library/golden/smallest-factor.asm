.program smallest-factor
.operands a
.entry main
main:
  const r1, #2                ; divisor at first
main.loop:
  div   r2, r0, r1            ; (quotient a divisor)
  lt    r2, r2, r1            ; (< (quotient a divisor) divisor)
  const r3, @main.then
  jump  r2, r3                ; if (< (quotient a divisor) divisor)
  mod   r2, r0, r1            ; (modulo a divisor)
  const r3, @main.then2
  jez   r2, r3                ; if (= (modulo a divisor) 0)
  inc   r1, r1                ; (+ divisor 1)
  const r2, @main.loop
  ret   r2                    ; to main.loop
main.then2:
  move  r0, r1                ; result divisor
  halt
main.then:
  halt
