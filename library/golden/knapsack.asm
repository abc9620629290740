.program knapsack
.operands c
.array w 0 4
.array v 4 4
.reserve 16
.entry main
main:
  zero  r1                    ; 0
  const r2, #8
  write r2, r1                ; best, i at first
  zero  r1                    ; 0
  const r2, #9
  write r2, r1                ; best, i at first
  zero  r1                    ; 0
  const r2, #10
  write r2, r1                ; best, i at first
  zero  r1                    ; 0
  const r2, #11
  write r2, r1                ; best, i at first
  zero  r1                    ; 0
  const r2, #12
  write r2, r1                ; best, i at first
  zero  r1                    ; 0
  const r2, #13
  write r2, r1                ; best, i at first
  zero  r1                    ; 0
  const r2, #14
  write r2, r1                ; best, i at first
  zero  r1                    ; 0
  const r2, #15
  write r2, r1                ; best, i at first
  zero  r1                    ; best, i at first
main.next:
  const r2, #4                ; 4
  eq    r2, r1, r2            ; (= i (vlen w))
  const r3, @main.then
  jump  r2, r3                ; if (= i (vlen w))
  move  r2, r0                ; best.1, weight at first
main.fill:
  read  r3, r1                ; (ref w i)
  lt    r3, r2, r3            ; (< weight (ref w i))
  const r4, @main.then2
  jump  r3, r4                ; if (< weight (ref w i))
  read  r3, r1                ; (ref w i)
  sub   r3, r2, r3            ; (- weight (ref w i))
  const r4, #8
  add   r4, r4, r3
  read  r4, r4                ; (ref best (- weight (ref w i)))
  const r3, #4
  add   r3, r3, r1
  read  r3, r3                ; (ref v i)
  add   r3, r4, r3            ; (+ (ref best (- weight (ref w i))) (ref v i…
  const r4, @main.then3
  jez   r2, r4                ; if (= weight 0)
  const r4, #8
  add   r4, r4, r2
  read  r4, r4                ; (ref best weight)
  max   r3, r4, r3            ; (max (ref best weight) with)
  const r4, #8
  add   r4, r4, r2
  write r4, r3                ; (update best weight (max (ref best weight)…
  dec   r2, r2                ; (- weight 1)
  const r3, @main.fill
  ret   r3                    ; to main.fill
main.then3:
  const r2, #8
  read  r2, r2                ; (ref best 0)
  max   r2, r2, r3            ; (max (ref best 0) with)
  const r3, #9
  read  r3, r3                ; (update best 0 (max (ref best 0) with))
  const r4, #10
  read  r4, r4                ; (update best 0 (max (ref best 0) with))
  const r5, #11
  read  r5, r5                ; (update best 0 (max (ref best 0) with))
  const r6, #12
  read  r6, r6                ; (update best 0 (max (ref best 0) with))
  const r7, #13
  read  r7, r7                ; (update best 0 (max (ref best 0) with))
  const r8, #14
  read  r8, r8                ; (update best 0 (max (ref best 0) with))
  const r9, #15
  read  r9, r9                ; (update best 0 (max (ref best 0) with))
  inc   r1, r1                ; (+ i 1)
  const r10, #8
  write r10, r2               ; (next (update best 0 (max (ref best 0) with…
  const r2, #9
  write r2, r3                ; (next (update best 0 (max (ref best 0) with…
  const r2, #10
  write r2, r4                ; (next (update best 0 (max (ref best 0) with…
  const r2, #11
  write r2, r5                ; (next (update best 0 (max (ref best 0) with…
  const r2, #12
  write r2, r6                ; (next (update best 0 (max (ref best 0) with…
  const r2, #13
  write r2, r7                ; (next (update best 0 (max (ref best 0) with…
  const r2, #14
  write r2, r8                ; (next (update best 0 (max (ref best 0) with…
  const r2, #15
  write r2, r9                ; (next (update best 0 (max (ref best 0) with…
  const r2, @main.next
  ret   r2                    ; to main.next
main.then2:
  inc   r1, r1                ; (+ i 1)
  const r2, @main.next
  ret   r2                    ; to main.next
main.then:
  const r1, #8
  add   r1, r1, r0
  read  r1, r1                ; (ref best c)
  move  r0, r1                ; result (ref best c)
  halt
