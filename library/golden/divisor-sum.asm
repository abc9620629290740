.program divisor-sum
.operands a
.entry main
main:
  const r1, #1                ; candidate, sum at first
  zero  r2                    ; candidate, sum at first
main.loop:
  lt    r3, r1, r0            ; (>= candidate a)
  const r4, @main.else
  jump  r3, r4                ; unless (>= candidate a)
  move  r0, r2                ; result sum
  halt
main.else:
  inc   r3, r1                ; (+ candidate 1)
  mod   r4, r0, r1            ; (modulo a candidate)
  const r5, @main.then
  jez   r4, r5                ; if (= (modulo a candidate) 0)
  const r1, @main.join
  ret   r1                    ; to main.join
main.then:
  add   r2, r2, r1            ; (+ sum candidate)
main.join:
  move  r1, r3                ; (loop (+ candidate 1) (if (= (modulo a cand…
  const r3, @main.loop
  ret   r3                    ; to main.loop
