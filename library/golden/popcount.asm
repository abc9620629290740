.program popcount
.operands a
.entry main
main:
  zero  r1                    ; rest, count at first
main.loop:
  const r2, @main.then
  jez   r0, r2                ; if (= rest 0)
  const r2, #2                ; 2
  div   r2, r0, r2            ; (quotient rest 2)
  const r3, #2                ; 2
  mod   r0, r0, r3            ; (modulo rest 2)
  add   r1, r1, r0            ; (+ count (modulo rest 2))
  move  r0, r2                ; (loop (quotient rest 2) (+ count (modulo re…
  const r2, @main.loop
  ret   r2                    ; to main.loop
main.then:
  move  r0, r1                ; result count
  halt
