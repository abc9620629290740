.program triangle-number
.operands a
.entry main
main:
  const r1, #2                ; 2
  mod   r1, r0, r1            ; (even? a)
  const r2, @main.else
  jump  r1, r2                ; unless (even? a)
  const r1, #2                ; 2
  div   r1, r0, r1            ; (quotient a 2)
  inc   r0, r0                ; (+ a 1)
  mul   r0, r1, r0            ; (* (quotient a 2) (+ a 1))
  halt
main.else:
  const r1, #2                ; 2
  div   r1, r0, r1            ; (quotient a 2)
  inc   r1, r1                ; (+ (quotient a 2) 1)
  mul   r0, r0, r1            ; (* a (+ (quotient a 2) 1))
  halt
