.program inversions
.array v 0 6
.reserve 6
.entry main
main:
  zero  r0                    ; i, count at first
  zero  r1                    ; i, count at first
main.first:
  const r2, #6                ; 6
  eq    r2, r0, r2            ; (= i (vlen v))
  const r3, @main.then
  jump  r2, r3                ; if (= i (vlen v))
  inc   r2, r0                ; (+ i 1)
main.second:
  const r3, #6                ; 6
  eq    r3, r2, r3            ; (= j (vlen v))
  const r4, @main.then2
  jump  r3, r4                ; if (= j (vlen v))
  inc   r3, r2                ; (+ j 1)
  read  r4, r0                ; (ref v i)
  read  r2, r2                ; (ref v j)
  lt    r2, r2, r4            ; (> (ref v i) (ref v j))
  add   r1, r1, r2            ; (+ count (> (ref v i) (ref v j)))
  move  r2, r3                ; (second (+ j 1) (+ count (> (ref v i) (ref…
  const r3, @main.second
  ret   r3                    ; to main.second
main.then2:
  inc   r0, r0                ; (+ i 1)
  const r2, @main.first
  ret   r2                    ; to main.first
main.then:
  move  r0, r1                ; result count
  halt
