.program hamming-distance
.array v 0 4
.array w 4 4
.reserve 8
.entry main
main:
  zero  r0                    ; i, count at first
  zero  r1                    ; i, count at first
main.loop:
  const r2, #4                ; 4
  eq    r2, r0, r2            ; (= i (vlen v))
  const r3, @main.then
  jump  r2, r3                ; if (= i (vlen v))
  inc   r2, r0                ; (+ i 1)
  read  r3, r0                ; (ref v i)
  const r4, #4
  add   r4, r4, r0
  read  r4, r4                ; (ref w i)
  eq    r0, r3, r4            ; (= (ref v i) (ref w i))
  not   r0, r0                ; (not (= (ref v i) (ref w i)))
  add   r1, r1, r0            ; (+ count (not (= (ref v i) (ref w i))))
  move  r0, r2                ; (loop (+ i 1) (+ count (not (= (ref v i) (r…
  const r2, @main.loop
  ret   r2                    ; to main.loop
main.then:
  move  r0, r1                ; result count
  halt
