.program collatz-length
.operands a
.entry main
main:
  zero  r1                    ; value, steps at first
main.loop:
  const r2, #1                ; 1
  lt    r2, r2, r0            ; (<= value 1)
  not   r3, r2                ; (<= value 1)
  const r4, @main.else
  jump  r2, r4                ; unless (<= value 1)
  const r2, @main.join
  ret   r2                    ; to main.join
main.else:
  const r2, #30               ; 30
  eq    r3, r1, r2            ; (= steps 30)
main.join:
  const r2, @main.else2
  jez   r3, r2                ; unless (or (<= value 1) (= steps 30))
  move  r0, r1                ; result steps
  halt
main.else2:
  const r2, #2                ; 2
  mod   r2, r0, r2            ; (even? value)
  const r3, @main.else3
  jump  r2, r3                ; unless (even? value)
  const r2, #2                ; 2
  div   r0, r0, r2            ; (quotient value 2)
  const r2, @main.join2
  ret   r2                    ; to main.join2
main.else3:
  const r2, #3                ; 3
  mul   r0, r2, r0            ; (* 3 value)
  inc   r0, r0                ; (+ (* 3 value) 1)
main.join2:
  inc   r1, r1                ; (+ steps 1)
  const r2, @main.loop
  ret   r2                    ; to main.loop
