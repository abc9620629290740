.program grid-ways
.array m 0 3 3
.reserve 15
.entry main
main:
  const r0, #1                ; ways, i at first
  zero  r1                    ; ways, i at first
  zero  r2                    ; ways, i at first
  zero  r3                    ; ways, i at first
main.next-row:
  const r4, #3                ; 3
  eq    r4, r3, r4            ; (= i 3)
  const r5, @main.then
  jump  r4, r5                ; if (= i 3)
  const r4, #9
  write r4, r0                ; ways.1, j at first
  const r0, #10
  write r0, r1                ; ways.1, j at first
  const r0, #11
  write r0, r2                ; ways.1, j at first
  zero  r0                    ; ways.1, j at first
main.next-column:
  const r1, #3                ; 3
  eq    r1, r0, r1            ; (= j 3)
  const r2, @main.then2
  jump  r1, r2                ; if (= j 3)
  const r1, #3                ; 3
  mul   r1, r3, r1            ; (ref m i)
  read  r2, r1                ; (ref m i)
  const r4, #12
  write r4, r2                ; (ref m i)
  const r2, #1
  add   r2, r2, r1
  read  r2, r2                ; (ref m i)
  const r4, #13
  write r4, r2                ; (ref m i)
  const r2, #2
  add   r2, r2, r1
  read  r2, r2                ; (ref m i)
  const r1, #14
  write r1, r2                ; (ref m i)
  const r1, #12
  add   r1, r1, r0
  read  r1, r1                ; (ref (ref m i) j)
  const r2, #1                ; 1
  eq    r1, r1, r2            ; (= (ref (ref m i) j) 1)
  const r2, @main.then3
  jump  r1, r2                ; if (= (ref (ref m i) j) 1)
  const r1, @main.then4
  jez   r0, r1                ; if (= j 0)
  const r1, #9
  add   r1, r1, r0
  read  r1, r1                ; (ref ways j)
  dec   r2, r0                ; (- j 1)
  const r4, #9
  add   r4, r4, r2
  read  r4, r4                ; (ref ways (- j 1))
  add   r1, r1, r4            ; (+ (ref ways j) (ref ways (- j 1)))
  const r2, @main.join
  ret   r2                    ; to main.join
main.then4:
  const r1, #9
  read  r1, r1                ; (ref ways 0)
  const r2, @main.join
  ret   r2                    ; to main.join
main.then3:
  zero  r1                    ; 0
main.join:
  const r2, #9
  add   r2, r2, r0
  write r2, r1                ; (update ways j (cond ((= (ref (ref m i) j)…
  inc   r0, r0                ; (+ j 1)
  const r1, @main.next-column
  ret   r1                    ; to main.next-column
main.then2:
  inc   r3, r3                ; (+ i 1)
  const r0, #9
  read  r0, r0                ; (next-row ways (+ i 1))
  const r1, #10
  read  r1, r1                ; (next-row ways (+ i 1))
  const r2, #11
  read  r2, r2                ; (next-row ways (+ i 1))
  const r4, @main.next-row
  ret   r4                    ; to main.next-row
main.then:
  move  r0, r2                ; result (ref ways 2)
  halt
