.program shift-left
.operands a b
.entry main
main:
main.shift-left:
  const r2, @main.then
  jez   r1, r2                ; if (= b 0)
  add   r0, r0, r0            ; (+ a a)
  dec   r1, r1                ; (- b 1)
  const r2, @main.shift-left
  ret   r2                    ; to main.shift-left
main.then:
  halt
