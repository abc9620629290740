.program shift-right
.operands a b
.entry main
main:
main.shift-right:
  not   r2, r1                ; (= b 0)
  const r3, @main.then
  jez   r1, r3                ; if (= b 0)
  not   r2, r0                ; (= a 0)
  const r3, @main.join
  ret   r3                    ; to main.join
main.then:
main.join:
  const r3, @main.else
  jez   r2, r3                ; unless (or (= b 0) (= a 0))
  halt
main.else:
  const r2, #2                ; 2
  div   r0, r0, r2            ; (quotient a 2)
  dec   r1, r1                ; (- b 1)
  const r2, @main.shift-right
  ret   r2                    ; to main.shift-right
