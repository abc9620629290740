.program divisor-count
.operands a
.entry main
main:
  move  r1, r0                ; candidate, count at first
  zero  r2                    ; candidate, count at first
main.loop:
  const r3, @main.then
  jez   r1, r3                ; if (= candidate 0)
  dec   r3, r1                ; (- candidate 1)
  mod   r1, r0, r1            ; (modulo a candidate)
  not   r1, r1                ; (= (modulo a candidate) 0)
  add   r2, r2, r1            ; (+ count (= (modulo a candidate) 0))
  move  r1, r3                ; (loop (- candidate 1) (+ count (= (modulo a…
  const r3, @main.loop
  ret   r3                    ; to main.loop
main.then:
  move  r0, r2                ; result count
  halt
