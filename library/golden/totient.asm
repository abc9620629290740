.program totient
.operands a
.entry main
main:
  move  r1, r0                ; candidate, count at first
  zero  r2                    ; candidate, count at first
main.loop:
  const r3, @main.then
  jez   r1, r3                ; if (= candidate 0)
  dec   r3, r1                ; (- candidate 1)
  move  r4, r0                ; a.1, b at first
main.divisor:
  const r5, @main.then2
  jez   r1, r5                ; if (= b 0)
  mod   r5, r4, r1            ; (modulo a b)
  move  r4, r1                ; (divisor b (modulo a b))
  move  r1, r5                ; (divisor b (modulo a b))
  const r5, @main.divisor
  ret   r5                    ; to main.divisor
main.then2:
  const r1, #1                ; 1
  eq    r1, r4, r1            ; (= (divisor a candidate) 1)
  add   r2, r2, r1            ; (+ count (= (divisor a candidate) 1))
  move  r1, r3                ; (loop (- candidate 1) (+ count (= (divisor…
  const r3, @main.loop
  ret   r3                    ; to main.loop
main.then:
  move  r0, r2                ; result count
  halt
