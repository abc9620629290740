.program parity
.operands a
.entry main
main:
  zero  r1                    ; rest, odd at first
main.loop:
  const r2, @main.then
  jez   r0, r2                ; if (= rest 0)
  const r2, #2                ; 2
  div   r2, r0, r2            ; (quotient rest 2)
  const r3, #2                ; 2
  mod   r0, r0, r3            ; (odd? rest)
  const r3, @main.then2
  jump  r0, r3                ; if (odd? rest)
  const r0, @main.join
  ret   r0                    ; to main.join
main.then2:
  const r0, #1                ; 1
  sub   r1, r0, r1            ; (- 1 odd)
main.join:
  move  r0, r2                ; (loop (quotient rest 2) (if (odd? rest) (-…
  const r2, @main.loop
  ret   r2                    ; to main.loop
main.then:
  move  r0, r1                ; result odd
  halt
