.program bitwise-or
.operands a b
.entry main
main:
  const r2, #1                ; a.2, b.2, place, result at first
  zero  r3                    ; a.2, b.2, place, result at first
main.loop:
  const r4, @main.then
  jez   r0, r4                ; if (= a 0)
  zero  r4                    ; (and (= a 0) (= b 0))
  const r5, @main.join
  ret   r5                    ; to main.join
main.then:
  not   r4, r1                ; (= b 0)
main.join:
  const r5, @main.else
  jez   r4, r5                ; unless (and (= a 0) (= b 0))
  move  r0, r3                ; result result
  halt
main.else:
  const r4, #2                ; 2
  div   r4, r0, r4            ; (quotient a 2)
  const r5, #2                ; 2
  div   r5, r1, r5            ; (quotient b 2)
  add   r6, r2, r2            ; (+ place place)
  const r7, #2                ; 2
  mod   r0, r0, r7            ; (odd? a)
  const r7, @main.then2
  jump  r0, r7                ; if (odd? a)
  const r0, #2                ; 2
  mod   r0, r1, r0            ; (odd? b)
  const r1, @main.join2
  ret   r1                    ; to main.join2
main.then2:
main.join2:
  const r1, @main.else2
  jez   r0, r1                ; unless (or (odd? a) (odd? b))
  add   r0, r3, r2            ; (+ result place)
  move  r3, r0                ; (+ result place)
  const r0, @main.join3
  ret   r0                    ; to main.join3
main.else2:
main.join3:
  move  r0, r4                ; (loop (quotient a 2) (quotient b 2) (+ plac…
  move  r1, r5                ; (loop (quotient a 2) (quotient b 2) (+ plac…
  move  r2, r6                ; (loop (quotient a 2) (quotient b 2) (+ plac…
  const r4, @main.loop
  ret   r4                    ; to main.loop
