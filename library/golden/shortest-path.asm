.program shortest-path
.operands s t
.array m 0 4 4
.reserve 24
.entry main
main:
  const r2, #15               ; 15
  const r3, #16
  write r3, r2                ; [15 15 15 15]
  const r2, #15               ; 15
  const r3, #17
  write r3, r2                ; [15 15 15 15]
  const r2, #15               ; 15
  const r3, #18
  write r3, r2                ; [15 15 15 15]
  const r2, #15               ; 15
  const r3, #19
  write r3, r2                ; [15 15 15 15]
  zero  r2                    ; 0
  const r3, #16
  add   r3, r3, r0
  write r3, r2                ; (update [15 15 15 15] s 0)
  const r0, #1                ; distances, count at first
main.round:
  const r2, #4                ; 4
  eq    r2, r0, r2            ; (= count (vlen distances))
  const r3, @main.then
  jump  r2, r3                ; if (= count (vlen distances))
  zero  r2                    ; distances.1, i, j at first
  zero  r3                    ; distances.1, i, j at first
main.edge:
  const r4, #4                ; 4
  eq    r4, r2, r4            ; (= i (vlen distances))
  const r5, @main.then2
  jump  r4, r5                ; if (= i (vlen distances))
  const r4, #4                ; 4
  eq    r4, r3, r4            ; (= j (vlen distances))
  const r5, @main.then3
  jump  r4, r5                ; if (= j (vlen distances))
  const r4, #4                ; 4
  mul   r4, r2, r4            ; (ref m i)
  read  r5, r4                ; (ref m i)
  const r6, #20
  write r6, r5                ; (ref m i)
  const r5, #1
  add   r5, r5, r4
  read  r5, r5                ; (ref m i)
  const r6, #21
  write r6, r5                ; (ref m i)
  const r5, #2
  add   r5, r5, r4
  read  r5, r5                ; (ref m i)
  const r6, #22
  write r6, r5                ; (ref m i)
  const r5, #3
  add   r5, r5, r4
  read  r5, r5                ; (ref m i)
  const r4, #23
  write r4, r5                ; (ref m i)
  const r4, #20
  add   r4, r4, r3
  read  r4, r4                ; (ref (ref m i) j)
  const r5, #16
  add   r5, r5, r2
  read  r5, r5                ; (ref distances i)
  zero  r6                    ; 0
  lt    r6, r6, r4            ; (> length 0)
  const r7, @main.then4
  jump  r6, r7                ; if (> length 0)
  zero  r6                    ; (and (> length 0) (< before 15) (< (+ befor…
  const r7, @main.join
  ret   r7                    ; to main.join
main.then4:
  const r6, #15               ; 15
  lt    r6, r5, r6            ; (< before 15)
  const r7, @main.then5
  jump  r6, r7                ; if (< before 15)
  zero  r6                    ; (and (> length 0) (< before 15) (< (+ befor…
  const r7, @main.join
  ret   r7                    ; to main.join
main.then5:
  add   r6, r5, r4            ; (+ before length)
  const r7, #16
  add   r7, r7, r3
  read  r7, r7                ; (ref distances j)
  lt    r6, r6, r7            ; (< (+ before length) (ref distances j))
main.join:
  const r7, @main.else
  jez   r6, r7                ; unless (and (> length 0) (< before 15) (< (+ befor…
  add   r4, r5, r4            ; (+ before length)
  const r5, #16
  add   r5, r5, r3
  write r5, r4                ; (update distances j (+ before length))
  inc   r3, r3                ; (+ j 1)
  const r4, @main.edge
  ret   r4                    ; to main.edge
main.else:
  inc   r3, r3                ; (+ j 1)
  const r4, @main.edge
  ret   r4                    ; to main.edge
main.then3:
  inc   r2, r2                ; (+ i 1)
  zero  r3                    ; (edge distances (+ i 1) 0)
  const r4, @main.edge
  ret   r4                    ; to main.edge
main.then2:
  inc   r0, r0                ; (+ count 1)
  const r2, @main.round
  ret   r2                    ; to main.round
main.then:
  const r0, #16
  add   r0, r0, r1
  read  r0, r0                ; (ref distances t)
  halt
