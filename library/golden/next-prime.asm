.program next-prime
.operands a
.entry main
main:
main.next-prime:
  inc   r0, r0                ; (+ a 1)
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
  zero  r1                    ; 0
  const r2, @main.join
  ret   r2                    ; to main.join
main.then2:
  const r1, #1                ; 1
  const r2, @main.join
  ret   r2                    ; to main.join
main.then:
  zero  r1                    ; 0
main.join:
  const r2, #1                ; 1
  eq    r1, r1, r2            ; (= (is-prime candidate) 1)
  const r2, @main.then4
  jump  r1, r2                ; if (= (is-prime candidate) 1)
  const r1, @main.next-prime
  ret   r1                    ; to main.next-prime
main.then4:
  halt
