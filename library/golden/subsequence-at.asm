.program subsequence-at
.array v 0 6
.array w 6 2
.reserve 8
.entry main
main:
  zero  r0                    ; i at first
main.start:
  const r1, #2                ; 2
  add   r1, r0, r1            ; (+ i (vlen w))
  const r2, #6                ; 6
  lt    r1, r2, r1            ; (> (+ i (vlen w)) (vlen v))
  const r2, @main.then
  jump  r1, r2                ; if (> (+ i (vlen w)) (vlen v))
  zero  r1                    ; j at first
main.match:
  const r2, #2                ; 2
  eq    r2, r1, r2            ; (= j (vlen w))
  const r3, @main.then2
  jump  r2, r3                ; if (= j (vlen w))
  add   r2, r0, r1            ; (+ i j)
  read  r2, r2                ; (ref v (+ i j))
  const r3, #6
  add   r3, r3, r1
  read  r3, r3                ; (ref w j)
  eq    r2, r2, r3            ; (= (ref v (+ i j)) (ref w j))
  const r3, @main.then3
  jump  r2, r3                ; if (= (ref v (+ i j)) (ref w j))
  inc   r0, r0                ; (+ i 1)
  const r1, @main.start
  ret   r1                    ; to main.start
main.then3:
  inc   r1, r1                ; (+ j 1)
  const r2, @main.match
  ret   r2                    ; to main.match
main.then2:
  halt
main.then:
  const r0, #6                ; result (vlen v)
  halt
