.program greatest-gap
.array v 0 6
.reserve 6
.entry main
main:
  zero  r0
  read  r0, r0                ; (ref v 0)
  zero  r1                    ; i, least, gap at first
  zero  r2                    ; i, least, gap at first
main.loop:
  const r3, #6                ; 6
  eq    r3, r1, r3            ; (= i (vlen v))
  const r4, @main.then
  jump  r3, r4                ; if (= i (vlen v))
  read  r3, r1                ; (ref v i)
  min   r0, r0, r3            ; (min least (ref v i))
  inc   r3, r1                ; (+ i 1)
  read  r1, r1                ; (ref v i)
  sub   r1, r1, r0            ; (- (ref v i) least)
  max   r2, r2, r1            ; (max gap (- (ref v i) least))
  move  r1, r3                ; (loop (+ i 1) least (max gap (- (ref v i) l…
  const r3, @main.loop
  ret   r3                    ; to main.loop
main.then:
  move  r0, r2                ; result gap
  halt
