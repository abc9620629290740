.program is-perfect
.operands a
.entry main
main:
  zero  r1                    ; 0
  lt    r1, r1, r0            ; (> a 0)
  const r2, @main.then
  jump  r1, r2                ; if (> a 0)
  zero  r0                    ; result (and (> a 0) (= (divisor-sum a) a))
  halt
main.then:
  const r1, #1                ; candidate, sum at first
  zero  r2                    ; candidate, sum at first
main.loop:
  lt    r3, r1, r0            ; (>= candidate a)
  const r4, @main.else
  jump  r3, r4                ; unless (>= candidate a)
  const r1, @main.join
  ret   r1                    ; to main.join
main.else:
  inc   r3, r1                ; (+ candidate 1)
  mod   r4, r0, r1            ; (modulo a candidate)
  const r5, @main.then2
  jez   r4, r5                ; if (= (modulo a candidate) 0)
  const r1, @main.join2
  ret   r1                    ; to main.join2
main.then2:
  add   r2, r2, r1            ; (+ sum candidate)
main.join2:
  move  r1, r3                ; (loop (+ candidate 1) (if (= (modulo a cand…
  const r3, @main.loop
  ret   r3                    ; to main.loop
main.join:
  eq    r0, r2, r0            ; (= (divisor-sum a) a)
  halt
