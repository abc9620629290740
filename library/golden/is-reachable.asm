.program is-reachable
.operands s t
.array m 0 4 4
.reserve 28
.entry main
main:
  zero  r2                    ; 0
  const r3, #16
  write r3, r2                ; (zeros 4)
  zero  r2                    ; 0
  const r3, #17
  write r3, r2                ; (zeros 4)
  zero  r2                    ; 0
  const r3, #18
  write r3, r2                ; (zeros 4)
  zero  r2                    ; 0
  const r3, #19
  write r3, r2                ; (zeros 4)
  const r2, #1                ; 1
  const r3, #16
  add   r3, r3, r0
  write r3, r2                ; (update (zeros 4) s 1)
  zero  r0                    ; reached, distance at first
main.round:
  const r2, #16
  add   r2, r2, r1
  read  r2, r2                ; (ref reached t)
  const r3, #1                ; 1
  eq    r2, r2, r3            ; (= (ref reached t) 1)
  const r3, @main.then
  jump  r2, r3                ; if (= (ref reached t) 1)
  const r2, #4                ; 4
  eq    r2, r0, r2            ; (= distance (vlen reached))
  const r3, @main.then2
  jump  r2, r3                ; if (= distance (vlen reached))
  const r2, #16
  read  r2, r2                ; next, i, j at first
  const r3, #20
  write r3, r2                ; next, i, j at first
  const r2, #17
  read  r2, r2                ; next, i, j at first
  const r3, #21
  write r3, r2                ; next, i, j at first
  const r2, #18
  read  r2, r2                ; next, i, j at first
  const r3, #22
  write r3, r2                ; next, i, j at first
  const r2, #19
  read  r2, r2                ; next, i, j at first
  const r3, #23
  write r3, r2                ; next, i, j at first
  zero  r2                    ; next, i, j at first
  zero  r3                    ; next, i, j at first
main.from:
  const r4, #4                ; 4
  eq    r4, r2, r4            ; (= i (vlen reached))
  const r5, @main.then3
  jump  r4, r5                ; if (= i (vlen reached))
  const r4, #4                ; 4
  eq    r4, r3, r4            ; (= j (vlen reached))
  const r5, @main.then4
  jump  r4, r5                ; if (= j (vlen reached))
  const r4, #16
  add   r4, r4, r2
  read  r4, r4                ; (ref reached i)
  const r5, @main.else
  jez   r4, r5                ; unless (ref reached i)
  const r4, #4                ; 4
  mul   r4, r2, r4            ; (ref m i)
  read  r5, r4                ; (ref m i)
  const r6, #24
  write r6, r5                ; (ref m i)
  const r5, #1
  add   r5, r5, r4
  read  r5, r5                ; (ref m i)
  const r6, #25
  write r6, r5                ; (ref m i)
  const r5, #2
  add   r5, r5, r4
  read  r5, r5                ; (ref m i)
  const r6, #26
  write r6, r5                ; (ref m i)
  const r5, #3
  add   r5, r5, r4
  read  r5, r5                ; (ref m i)
  const r4, #27
  write r4, r5                ; (ref m i)
  const r4, #24
  add   r4, r4, r3
  read  r4, r4                ; (ref (ref m i) j)
  const r5, @main.join2
  ret   r5                    ; to main.join2
main.else:
  zero  r4                    ; (and (ref reached i) (ref (ref m i) j))
main.join2:
  const r5, @main.else2
  jez   r4, r5                ; unless (and (ref reached i) (ref (ref m i) j))
  const r4, #1                ; 1
  const r5, #20
  add   r5, r5, r3
  write r5, r4                ; (update next j 1)
  inc   r3, r3                ; (+ j 1)
  const r4, @main.from
  ret   r4                    ; to main.from
main.else2:
  inc   r3, r3                ; (+ j 1)
  const r4, @main.from
  ret   r4                    ; to main.from
main.then4:
  inc   r2, r2                ; (+ i 1)
  zero  r3                    ; (from next (+ i 1) 0)
  const r4, @main.from
  ret   r4                    ; to main.from
main.then3:
  inc   r0, r0                ; (+ distance 1)
  const r2, #20
  read  r2, r2                ; (round next (+ distance 1))
  const r3, #16
  write r3, r2                ; (round next (+ distance 1))
  const r2, #21
  read  r2, r2                ; (round next (+ distance 1))
  const r3, #17
  write r3, r2                ; (round next (+ distance 1))
  const r2, #22
  read  r2, r2                ; (round next (+ distance 1))
  const r3, #18
  write r3, r2                ; (round next (+ distance 1))
  const r2, #23
  read  r2, r2                ; (round next (+ distance 1))
  const r3, #19
  write r3, r2                ; (round next (+ distance 1))
  const r2, @main.round
  ret   r2                    ; to main.round
main.then2:
  const r1, @main.join
  ret   r1                    ; to main.join
main.then:
main.join:
  const r1, #4                ; 4
  lt    r0, r0, r1            ; (< (bfs-distance m s t) 4)
  halt
