.program bezout
.operands a b
.entry main
main:
  move  r2, r1                ; last, next, magnitude, other, negative at first
  const r3, #1                ; last, next, magnitude, other, negative at first
  zero  r4                    ; last, next, magnitude, other, negative at first
  zero  r5                    ; last, next, magnitude, other, negative at first
main.loop:
  const r6, @main.then
  jez   r2, r6                ; if (= next 0)
  mod   r6, r0, r2            ; (modulo last next)
  div   r0, r0, r2            ; (quotient last next)
  mul   r0, r0, r4            ; (* (quotient last next) other)
  add   r7, r3, r0            ; (+ magnitude (* (quotient last next) other))
  const r0, #1                ; 1
  sub   r5, r0, r5            ; (- 1 negative)
  move  r0, r2                ; (loop next (modulo last next) other (+ magn…
  move  r2, r6                ; (loop next (modulo last next) other (+ magn…
  move  r3, r4                ; (loop next (modulo last next) other (+ magn…
  move  r4, r7                ; (loop next (modulo last next) other (+ magn…
  const r6, @main.loop
  ret   r6                    ; to main.loop
main.then:
  const r2, #1                ; 1
  eq    r2, r5, r2            ; (= negative 1)
  const r4, @main.then2
  jump  r2, r4                ; if (= negative 1)
  move  r0, r3                ; result magnitude
  halt
main.then2:
  div   r0, r1, r0            ; (quotient b last)
  sub   r1, r0, r3            ; (- period magnitude)
  mod   r0, r1, r0            ; (modulo (- period magnitude) period)
  halt
