.program factorial
.operands a
.entry main
main:
  const r1, #1                ; factor, product at first
main.do:
  const r2, @main.then
  jez   r0, r2                ; if (= factor 0)
  dec   r2, r0                ; (- factor 1)
  mul   r1, r1, r0            ; (* product factor)
  move  r0, r2                ; (do ((factor a (- factor 1)) (product 1 (*…
  const r2, @main.do
  ret   r2                    ; to main.do
main.then:
  move  r0, r1                ; result product
  halt
