.program longest-common-subsequence
.array v 0 4
.array w 4 4
.reserve 13
.entry main
main:
  zero  r0                    ; 0
  const r1, #8
  write r1, r0                ; row, i at first
  zero  r0                    ; 0
  const r1, #9
  write r1, r0                ; row, i at first
  zero  r0                    ; 0
  const r1, #10
  write r1, r0                ; row, i at first
  zero  r0                    ; 0
  const r1, #11
  write r1, r0                ; row, i at first
  zero  r0                    ; 0
  const r1, #12
  write r1, r0                ; row, i at first
  zero  r0                    ; row, i at first
main.next-row:
  const r1, #4                ; 4
  eq    r1, r0, r1            ; (= i (vlen v))
  const r2, @main.then
  jump  r1, r2                ; if (= i (vlen v))
  zero  r1                    ; row.1, diagonal, j at first
  zero  r2                    ; row.1, diagonal, j at first
main.next-place:
  const r3, #4                ; 4
  eq    r3, r2, r3            ; (= j (vlen w))
  const r4, @main.then2
  jump  r3, r4                ; if (= j (vlen w))
  inc   r3, r2                ; (+ j 1)
  const r4, #8
  add   r4, r4, r3
  read  r4, r4                ; (ref row (+ j 1))
  inc   r3, r2                ; (+ j 1)
  read  r5, r0                ; (ref v i)
  const r6, #4
  add   r6, r6, r2
  read  r6, r6                ; (ref w j)
  eq    r5, r5, r6            ; (= (ref v i) (ref w j))
  const r6, @main.then3
  jump  r5, r6                ; if (= (ref v i) (ref w j))
  const r1, #8
  add   r1, r1, r2
  read  r1, r1                ; (ref row j)
  max   r1, r4, r1            ; (max above (ref row j))
  const r5, @main.join
  ret   r5                    ; to main.join
main.then3:
  inc   r1, r1                ; (+ diagonal 1)
main.join:
  const r5, #8
  add   r5, r5, r3
  write r5, r1                ; (update row (+ j 1) (if (= (ref v i) (ref w…
  inc   r2, r2                ; (+ j 1)
  move  r1, r4                ; (next-place (update row (+ j 1) (if (= (ref…
  const r3, @main.next-place
  ret   r3                    ; to main.next-place
main.then2:
  inc   r0, r0                ; (+ i 1)
  const r1, @main.next-row
  ret   r1                    ; to main.next-row
main.then:
  const r0, #12
  read  r0, r0                ; (ref row (vlen w))
  halt
