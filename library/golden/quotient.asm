.program quotient
.operands a b
.entry main
main:
  const r2, @main.then
  jez   r1, r2                ; if (= b 0)
  zero  r2                    ; rest, count at first
main.do:
  lt    r3, r0, r1            ; (< rest b)
  const r4, @main.then2
  jump  r3, r4                ; if (< rest b)
  sub   r0, r0, r1            ; (- rest b)
  inc   r2, r2                ; (+ count 1)
  const r3, @main.do
  ret   r3                    ; to main.do
main.then2:
  move  r0, r2                ; result count
  halt
main.then:
  zero  r0                    ; result 0
  halt
