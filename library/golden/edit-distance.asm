.program edit-distance
.array v 0 4
.array w 4 4
.reserve 18
.entry main
main:
  zero  r0                    ; 0
  const r1, #8
  write r1, r0                ; row, i at first
  const r0, #1                ; 1
  const r1, #9
  write r1, r0                ; row, i at first
  const r0, #2                ; 2
  const r1, #10
  write r1, r0                ; row, i at first
  const r0, #3                ; 3
  const r1, #11
  write r1, r0                ; row, i at first
  const r0, #4                ; 4
  const r1, #12
  write r1, r0                ; row, i at first
  zero  r0                    ; row, i at first
main.next-row:
  const r1, #4                ; 4
  eq    r1, r0, r1            ; (= i (vlen v))
  const r2, @main.then
  jump  r1, r2                ; if (= i (vlen v))
  inc   r1, r0                ; (+ i 1)
  const r2, #9
  read  r2, r2                ; (update row 0 (+ i 1))
  const r3, #10
  read  r3, r3                ; (update row 0 (+ i 1))
  const r4, #11
  read  r4, r4                ; (update row 0 (+ i 1))
  const r5, #12
  read  r5, r5                ; (update row 0 (+ i 1))
  const r6, #13
  write r6, r1                ; row.1, diagonal, j at first
  const r1, #14
  write r1, r2                ; row.1, diagonal, j at first
  const r1, #15
  write r1, r3                ; row.1, diagonal, j at first
  const r1, #16
  write r1, r4                ; row.1, diagonal, j at first
  const r1, #17
  write r1, r5                ; row.1, diagonal, j at first
  move  r1, r0                ; row.1, diagonal, j at first
  zero  r2                    ; row.1, diagonal, j at first
main.next-place:
  const r3, #4                ; 4
  eq    r3, r2, r3            ; (= j (vlen w))
  const r4, @main.then2
  jump  r3, r4                ; if (= j (vlen w))
  inc   r3, r2                ; (+ j 1)
  const r4, #13
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
  min   r1, r1, r4            ; (min diagonal above (ref row j))
  const r5, #13
  add   r5, r5, r2
  read  r5, r5                ; (ref row j)
  min   r1, r1, r5            ; (min diagonal above (ref row j))
  inc   r1, r1                ; (+ 1 (min diagonal above (ref row j)))
  const r5, @main.join
  ret   r5                    ; to main.join
main.then3:
main.join:
  const r5, #13
  add   r5, r5, r3
  write r5, r1                ; (update row (+ j 1) (if (= (ref v i) (ref w…
  inc   r2, r2                ; (+ j 1)
  move  r1, r4                ; (next-place (update row (+ j 1) (if (= (ref…
  const r3, @main.next-place
  ret   r3                    ; to main.next-place
main.then2:
  inc   r0, r0                ; (+ i 1)
  const r1, #13
  read  r1, r1                ; (next-row row (+ i 1))
  const r2, #8
  write r2, r1                ; (next-row row (+ i 1))
  const r1, #14
  read  r1, r1                ; (next-row row (+ i 1))
  const r2, #9
  write r2, r1                ; (next-row row (+ i 1))
  const r1, #15
  read  r1, r1                ; (next-row row (+ i 1))
  const r2, #10
  write r2, r1                ; (next-row row (+ i 1))
  const r1, #16
  read  r1, r1                ; (next-row row (+ i 1))
  const r2, #11
  write r2, r1                ; (next-row row (+ i 1))
  const r1, #17
  read  r1, r1                ; (next-row row (+ i 1))
  const r2, #12
  write r2, r1                ; (next-row row (+ i 1))
  const r1, @main.next-row
  ret   r1                    ; to main.next-row
main.then:
  const r0, #12
  read  r0, r0                ; (ref row (vlen w))
  halt
