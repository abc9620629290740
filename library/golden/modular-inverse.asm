.program modular-inverse
.operands a m
.entry main
main:
  mod   r0, r0, r1            ; (modulo a m)
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
  eq    r0, r0, r2            ; (= last 1)
  const r2, @main.then2
  jump  r0, r2                ; if (= last 1)
  zero  r0                    ; result 0
  halt
main.then2:
  const r0, #1                ; 1
  eq    r0, r5, r0            ; (= negative 1)
  const r2, @main.then3
  jump  r0, r2                ; if (= negative 1)
  const r0, @main.join
  ret   r0                    ; to main.join
main.then3:
  sub   r3, r1, r3            ; (- m magnitude)
main.join:
  mod   r0, r3, r1            ; (modulo (if (= negative 1) (- m magnitude)…
  halt
