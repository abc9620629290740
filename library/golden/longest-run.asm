.program longest-run
.array v 0 6
.reserve 6
.entry main
main:
  const r0, #1                ; i, run, longest at first
  const r1, #1                ; i, run, longest at first
  const r2, #1                ; i, run, longest at first
main.loop:
  const r3, #6                ; 6
  eq    r3, r0, r3            ; (= i (vlen v))
  const r4, @main.then
  jump  r3, r4                ; if (= i (vlen v))
  read  r3, r0                ; (ref v i)
  dec   r4, r0                ; (- i 1)
  read  r4, r4                ; (ref v (- i 1))
  eq    r3, r3, r4            ; (= (ref v i) (ref v (- i 1)))
  const r4, @main.then2
  jump  r3, r4                ; if (= (ref v i) (ref v (- i 1)))
  const r1, #1                ; 1
  const r3, @main.join
  ret   r3                    ; to main.join
main.then2:
  inc   r1, r1                ; (+ run 1)
main.join:
  inc   r0, r0                ; (+ i 1)
  max   r2, r1, r2            ; (max run longest)
  const r3, @main.loop
  ret   r3                    ; to main.loop
main.then:
  move  r0, r2                ; result longest
  halt
