.program is-prime
.operands a
.entry main
main:
  const r1, #2                ; 2
  lt    r1, r0, r1            ; (< a 2)
  const r2, @main.then
  jump  r1, r2                ; if (< a 2)
  const r1, #2                ; divisor at first
main.loop:
  div   r2, r0, r1            ; (quotient a divisor)
  lt    r2, r2, r1            ; (< (quotient a divisor) divisor)
  const r3, @main.then2
  jump  r2, r3                ; if (< (quotient a divisor) divisor)
  mod   r2, r0, r1            ; (modulo a divisor)
  const r3, @main.then3
  jez   r2, r3                ; if (= (modulo a divisor) 0)
  inc   r1, r1                ; (+ divisor 1)
  const r2, @main.loop
  ret   r2                    ; to main.loop
main.then3:
  zero  r0                    ; result 0
  halt
main.then2:
  const r0, #1                ; result 1
  halt
main.then:
  zero  r0                    ; result 0
  halt
