.program trailing-zeros
.operands a
.entry main
main:
  zero  r1                    ; rest, count at first
main.loop:
  not   r2, r0                ; (= rest 0)
  const r3, @main.then
  jez   r0, r3                ; if (= rest 0)
  const r2, #2                ; 2
  mod   r2, r0, r2            ; (odd? rest)
  const r3, @main.join
  ret   r3                    ; to main.join
main.then:
main.join:
  const r3, @main.else
  jez   r2, r3                ; unless (or (= rest 0) (odd? rest))
  move  r0, r1                ; result count
  halt
main.else:
  const r2, #2                ; 2
  div   r0, r0, r2            ; (quotient rest 2)
  inc   r1, r1                ; (+ count 1)
  const r2, @main.loop
  ret   r2                    ; to main.loop
