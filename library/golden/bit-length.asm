.program bit-length
.operands a
.entry main
main:
  zero  r1                    ; rest, count at first
main.loop:
  const r2, @main.then
  jez   r0, r2                ; if (= rest 0)
  const r2, #2                ; 2
  div   r0, r0, r2            ; (quotient rest 2)
  inc   r1, r1                ; (+ count 1)
  const r2, @main.loop
  ret   r2                    ; to main.loop
main.then:
  move  r0, r1                ; result count
  halt
