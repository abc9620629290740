.program is-bipartite
.array m 0 4 4
.reserve 24
.entry main
main:
  zero  r0                    ; 0
  const r1, #16
  write r1, r0                ; colours, number at first
  zero  r0                    ; 0
  const r1, #17
  write r1, r0                ; colours, number at first
  zero  r0                    ; 0
  const r1, #18
  write r1, r0                ; colours, number at first
  zero  r0                    ; 0
  const r1, #19
  write r1, r0                ; colours, number at first
  zero  r0                    ; colours, number at first
main.colouring:
  zero  r1                    ; i, j at first
  zero  r2                    ; i, j at first
main.edge:
  const r3, #4                ; 4
  eq    r3, r1, r3            ; (= i (vlen colours))
  const r4, @main.then
  jump  r3, r4                ; if (= i (vlen colours))
  const r3, #4                ; 4
  eq    r3, r2, r3            ; (= j (vlen colours))
  const r4, @main.then2
  jump  r3, r4                ; if (= j (vlen colours))
  const r3, #4                ; 4
  mul   r3, r1, r3            ; (ref m i)
  read  r4, r3                ; (ref m i)
  const r5, #20
  write r5, r4                ; (ref m i)
  const r4, #1
  add   r4, r4, r3
  read  r4, r4                ; (ref m i)
  const r5, #21
  write r5, r4                ; (ref m i)
  const r4, #2
  add   r4, r4, r3
  read  r4, r4                ; (ref m i)
  const r5, #22
  write r5, r4                ; (ref m i)
  const r4, #3
  add   r4, r4, r3
  read  r4, r4                ; (ref m i)
  const r3, #23
  write r3, r4                ; (ref m i)
  const r3, #20
  add   r3, r3, r2
  read  r3, r3                ; (ref (ref m i) j)
  const r4, @main.else
  jez   r3, r4                ; unless (ref (ref m i) j)
  const r3, #16
  add   r3, r3, r1
  read  r3, r3                ; (ref colours i)
  const r4, #16
  add   r4, r4, r2
  read  r4, r4                ; (ref colours j)
  eq    r3, r3, r4            ; (= (ref colours i) (ref colours j))
  const r4, @main.join
  ret   r4                    ; to main.join
main.else:
  zero  r3                    ; (and (ref (ref m i) j) (= (ref colours i) (…
main.join:
  const r4, @main.else2
  jez   r3, r4                ; unless (and (ref (ref m i) j) (= (ref colours i) (…
  const r1, #7                ; 7
  eq    r1, r0, r1            ; (= number 7)
  const r2, @main.then3
  jump  r1, r2                ; if (= number 7)
  inc   r0, r0                ; (+ number 1)
  const r1, #2                ; 2
  mod   r1, r0, r1            ; (modulo next 2)
  const r2, #2                ; 2
  div   r2, r0, r2            ; (quotient next 2)
  const r3, #2                ; 2
  mod   r2, r2, r3            ; (modulo (quotient next 2) 2)
  const r3, #4                ; 4
  div   r3, r0, r3            ; (quotient next 4)
  zero  r4                    ; 0
  const r5, #16
  write r5, r4                ; (colouring [0 (modulo next 2) (modulo (quot…
  const r4, #17
  write r4, r1                ; (colouring [0 (modulo next 2) (modulo (quot…
  const r1, #18
  write r1, r2                ; (colouring [0 (modulo next 2) (modulo (quot…
  const r1, #19
  write r1, r3                ; (colouring [0 (modulo next 2) (modulo (quot…
  const r1, @main.colouring
  ret   r1                    ; to main.colouring
main.then3:
  zero  r0                    ; result 0
  halt
main.else2:
  inc   r2, r2                ; (+ j 1)
  const r3, @main.edge
  ret   r3                    ; to main.edge
main.then2:
  inc   r1, r1                ; (+ i 1)
  zero  r2                    ; (edge (+ i 1) 0)
  const r3, @main.edge
  ret   r3                    ; to main.edge
main.then:
  const r0, #1                ; result 1
  halt
