.program fibonacci
.operands a b depth
.entry main
main:
main.fibonacci:
  const r3, @main.then
  jez   r2, r3                ; if (= depth 0)
  add   r3, r0, r1            ; (+ a b)
  dec   r2, r2                ; (- depth 1)
  move  r0, r1                ; (fibonacci b (+ a b) (- depth 1))
  move  r1, r3                ; (fibonacci b (+ a b) (- depth 1))
  const r3, @main.fibonacci
  ret   r3                    ; to main.fibonacci
main.then:
  halt
