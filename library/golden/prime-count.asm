.program prime-count
.operands a
.entry main
main:
  zero  r1                    ; candidate, count at first
main.loop:
  const r2, #2                ; 2
  lt    r2, r0, r2            ; (< candidate 2)
  const r3, @main.then
  jump  r2, r3                ; if (< candidate 2)
  dec   r2, r0                ; (- candidate 1)
  const r3, #2                ; 2
  lt    r3, r0, r3            ; (< a 2)
  const r4, @main.then2
  jump  r3, r4                ; if (< a 2)
  const r3, #2                ; divisor at first
main.loop.1:
  div   r4, r0, r3            ; (quotient a divisor)
  lt    r4, r4, r3            ; (< (quotient a divisor) divisor)
  const r5, @main.then3
  jump  r4, r5                ; if (< (quotient a divisor) divisor)
  mod   r4, r0, r3            ; (modulo a divisor)
  const r5, @main.then4
  jez   r4, r5                ; if (= (modulo a divisor) 0)
  inc   r3, r3                ; (+ divisor 1)
  const r4, @main.loop.1
  ret   r4                    ; to main.loop.1
main.then4:
  zero  r0                    ; 0
  const r3, @main.join
  ret   r3                    ; to main.join
main.then3:
  const r0, #1                ; 1
  const r3, @main.join
  ret   r3                    ; to main.join
main.then2:
  zero  r0                    ; 0
main.join:
  add   r1, r1, r0            ; (+ count (is-prime candidate))
  move  r0, r2                ; (loop (- candidate 1) (+ count (is-prime ca…
  const r2, @main.loop
  ret   r2                    ; to main.loop
main.then:
  move  r0, r1                ; result count
  halt
