.program spanning-tree-weight
.array m 0 4 4
.reserve 24
.entry main
main:
  const r0, #1                ; 1
  const r1, #16
  write r1, r0                ; inside, weight, count at first
  zero  r0                    ; 0
  const r1, #17
  write r1, r0                ; inside, weight, count at first
  zero  r0                    ; 0
  const r1, #18
  write r1, r0                ; inside, weight, count at first
  zero  r0                    ; 0
  const r1, #19
  write r1, r0                ; inside, weight, count at first
  zero  r0                    ; inside, weight, count at first
  const r1, #1                ; inside, weight, count at first
main.grow:
  const r2, #4                ; 4
  eq    r2, r1, r2            ; (= count (vlen inside))
  const r3, @main.then
  jump  r2, r3                ; if (= count (vlen inside))
  zero  r2                    ; i, j, shortest, end at first
  const r3, #1                ; i, j, shortest, end at first
  const r4, #9                ; i, j, shortest, end at first
  zero  r5                    ; i, j, shortest, end at first
main.look:
  const r6, #4                ; 4
  eq    r6, r2, r6            ; (= i (vlen inside))
  const r7, @main.then2
  jump  r6, r7                ; if (= i (vlen inside))
  const r6, #4                ; 4
  eq    r6, r3, r6            ; (= j (vlen inside))
  const r7, @main.then3
  jump  r6, r7                ; if (= j (vlen inside))
  const r6, #4                ; 4
  mul   r6, r2, r6            ; (ref m i)
  read  r7, r6                ; (ref m i)
  const r8, #20
  write r8, r7                ; (ref m i)
  const r7, #1
  add   r7, r7, r6
  read  r7, r7                ; (ref m i)
  const r8, #21
  write r8, r7                ; (ref m i)
  const r7, #2
  add   r7, r7, r6
  read  r7, r7                ; (ref m i)
  const r8, #22
  write r8, r7                ; (ref m i)
  const r7, #3
  add   r7, r7, r6
  read  r7, r7                ; (ref m i)
  const r6, #23
  write r6, r7                ; (ref m i)
  const r6, #20
  add   r6, r6, r3
  read  r6, r6                ; (ref (ref m i) j)
  zero  r7                    ; 0
  lt    r7, r7, r6            ; (> length 0)
  const r8, @main.then4
  jump  r7, r8                ; if (> length 0)
  zero  r7                    ; (and (> length 0) (< length shortest) (not…
  const r8, @main.join
  ret   r8                    ; to main.join
main.then4:
  lt    r7, r6, r4            ; (< length shortest)
  const r8, @main.then5
  jump  r7, r8                ; if (< length shortest)
  zero  r7                    ; (and (> length 0) (< length shortest) (not…
  const r8, @main.join
  ret   r8                    ; to main.join
main.then5:
  const r7, #16
  add   r7, r7, r2
  read  r7, r7                ; (ref inside i)
  const r8, #16
  add   r8, r8, r3
  read  r8, r8                ; (ref inside j)
  eq    r7, r7, r8            ; (= (ref inside i) (ref inside j))
  not   r7, r7                ; (not (= (ref inside i) (ref inside j)))
main.join:
  const r8, @main.else
  jez   r7, r8                ; unless (and (> length 0) (< length shortest) (not…
  inc   r7, r3                ; (+ j 1)
  const r4, #16
  add   r4, r4, r2
  read  r4, r4                ; (ref inside i)
  const r5, #1                ; 1
  eq    r4, r4, r5            ; (= (ref inside i) 1)
  const r5, @main.then6
  jump  r4, r5                ; if (= (ref inside i) 1)
  move  r5, r2                ; i
  const r3, @main.join2
  ret   r3                    ; to main.join2
main.then6:
  move  r5, r3                ; j
main.join2:
  move  r3, r7                ; (look i (+ j 1) length (if (= (ref inside i…
  move  r4, r6                ; (look i (+ j 1) length (if (= (ref inside i…
  const r6, @main.look
  ret   r6                    ; to main.look
main.else:
  inc   r3, r3                ; (+ j 1)
  const r6, @main.look
  ret   r6                    ; to main.look
main.then3:
  inc   r6, r2                ; (+ i 1)
  const r3, #2                ; 2
  add   r2, r2, r3            ; (+ i 2)
  const r3, #4                ; 4
  min   r3, r2, r3            ; (min (+ i 2) (vlen inside))
  move  r2, r6                ; (look (+ i 1) (min (+ i 2) (vlen inside)) s…
  const r6, @main.look
  ret   r6                    ; to main.look
main.then2:
  const r2, #9                ; 9
  eq    r2, r4, r2            ; (= shortest 9)
  const r3, @main.then7
  jump  r2, r3                ; if (= shortest 9)
  const r2, #16
  read  r2, r2                ; (update inside end 1)
  const r3, #20
  write r3, r2                ; (update inside end 1)
  const r2, #17
  read  r2, r2                ; (update inside end 1)
  const r3, #21
  write r3, r2                ; (update inside end 1)
  const r2, #18
  read  r2, r2                ; (update inside end 1)
  const r3, #22
  write r3, r2                ; (update inside end 1)
  const r2, #19
  read  r2, r2                ; (update inside end 1)
  const r3, #23
  write r3, r2                ; (update inside end 1)
  const r2, #1                ; 1
  const r3, #20
  add   r3, r3, r5
  write r3, r2                ; (update inside end 1)
  add   r0, r0, r4            ; (+ weight shortest)
  inc   r1, r1                ; (+ count 1)
  const r2, #20
  read  r2, r2                ; (grow (update inside end 1) (+ weight short…
  const r3, #16
  write r3, r2                ; (grow (update inside end 1) (+ weight short…
  const r2, #21
  read  r2, r2                ; (grow (update inside end 1) (+ weight short…
  const r3, #17
  write r3, r2                ; (grow (update inside end 1) (+ weight short…
  const r2, #22
  read  r2, r2                ; (grow (update inside end 1) (+ weight short…
  const r3, #18
  write r3, r2                ; (grow (update inside end 1) (+ weight short…
  const r2, #23
  read  r2, r2                ; (grow (update inside end 1) (+ weight short…
  const r3, #19
  write r3, r2                ; (grow (update inside end 1) (+ weight short…
  const r2, @main.grow
  ret   r2                    ; to main.grow
main.then7:
  halt
main.then:
  halt
