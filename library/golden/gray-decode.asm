.program gray-decode
.operands a
.entry main
main:
  const r1, #2                ; 2
  div   r1, r0, r1            ; (quotient a 2)
main.loop:
  const r2, @main.then
  jez   r1, r2                ; if (= rest 0)
  const r2, #2                ; 2
  div   r2, r1, r2            ; (quotient rest 2)
  const r3, #1                ; a.3, b.1, place, result.1 at first
  zero  r4                    ; a.3, b.1, place, result.1 at first
main.loop.1:
  const r5, @main.then2
  jez   r0, r5                ; if (= a 0)
  zero  r5                    ; (and (= a 0) (= b 0))
  const r6, @main.join2
  ret   r6                    ; to main.join2
main.then2:
  not   r5, r1                ; (= b 0)
main.join2:
  const r6, @main.else
  jez   r5, r6                ; unless (and (= a 0) (= b 0))
  const r0, @main.join
  ret   r0                    ; to main.join
main.else:
  const r5, #2                ; 2
  div   r5, r0, r5            ; (quotient a 2)
  const r6, #2                ; 2
  div   r6, r1, r6            ; (quotient b 2)
  add   r7, r3, r3            ; (+ place place)
  const r8, #2                ; 2
  mod   r0, r0, r8            ; (odd? a)
  const r8, #2                ; 2
  mod   r1, r1, r8            ; (odd? b)
  eq    r0, r0, r1            ; (= (odd? a) (odd? b))
  const r1, @main.else2
  jump  r0, r1                ; unless (not (= (odd? a) (odd? b)))
  add   r0, r4, r3            ; (+ result place)
  move  r4, r0                ; (+ result place)
  const r0, @main.join3
  ret   r0                    ; to main.join3
main.else2:
main.join3:
  move  r0, r5                ; (loop (quotient a 2) (quotient b 2) (+ plac…
  move  r1, r6                ; (loop (quotient a 2) (quotient b 2) (+ plac…
  move  r3, r7                ; (loop (quotient a 2) (quotient b 2) (+ plac…
  const r5, @main.loop.1
  ret   r5                    ; to main.loop.1
main.join:
  move  r1, r2                ; (loop (quotient rest 2) (bitwise-xor result…
  move  r0, r4                ; (loop (quotient rest 2) (bitwise-xor result…
  const r2, @main.loop
  ret   r2                    ; to main.loop
main.then:
  halt
