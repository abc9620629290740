.program selection-sort
.array v 0 6
.result 6 6
.reserve 18
.entry main
main:
  zero  r0                    ; v.2, i at first
main.next:
  const r1, #6                ; 6
  eq    r1, r0, r1            ; (= i (vlen v))
  const r2, @main.then
  jump  r1, r2                ; if (= i (vlen v))
  inc   r1, r0                ; (+ i 1)
  move  r2, r0                ; j, least at first
main.look:
  const r3, #6                ; 6
  eq    r3, r1, r3            ; (= j (vlen v))
  const r4, @main.then2
  jump  r3, r4                ; if (= j (vlen v))
  inc   r3, r1                ; (+ j 1)
  read  r4, r1                ; (ref v j)
  read  r5, r2                ; (ref v least)
  lt    r4, r4, r5            ; (< (ref v j) (ref v least))
  const r5, @main.then3
  jump  r4, r5                ; if (< (ref v j) (ref v least))
  const r1, @main.join
  ret   r1                    ; to main.join
main.then3:
  move  r2, r1                ; j
main.join:
  move  r1, r3                ; (look (+ j 1) (if (< (ref v j) (ref v least…
  const r3, @main.look
  ret   r3                    ; to main.look
main.then2:
  read  r1, r0                ; (ref v i)
  read  r3, r2                ; (ref v least)
  zero  r4
  read  r4, r4                ; (update v i y)
  const r5, #12
  write r5, r4                ; (update v i y)
  const r4, #1
  read  r4, r4                ; (update v i y)
  const r5, #13
  write r5, r4                ; (update v i y)
  const r4, #2
  read  r4, r4                ; (update v i y)
  const r5, #14
  write r5, r4                ; (update v i y)
  const r4, #3
  read  r4, r4                ; (update v i y)
  const r5, #15
  write r5, r4                ; (update v i y)
  const r4, #4
  read  r4, r4                ; (update v i y)
  const r5, #16
  write r5, r4                ; (update v i y)
  const r4, #5
  read  r4, r4                ; (update v i y)
  const r5, #17
  write r5, r4                ; (update v i y)
  const r4, #12
  add   r4, r4, r0
  write r4, r3                ; (update v i y)
  const r3, #12
  add   r3, r3, r2
  write r3, r1                ; (update (update v i y) least x)
  inc   r0, r0                ; (+ i 1)
  const r1, #12
  read  r1, r1                ; (next (update (update v i y) least x) (+ i…
  zero  r2
  write r2, r1                ; (next (update (update v i y) least x) (+ i…
  const r1, #13
  read  r1, r1                ; (next (update (update v i y) least x) (+ i…
  const r2, #1
  write r2, r1                ; (next (update (update v i y) least x) (+ i…
  const r1, #14
  read  r1, r1                ; (next (update (update v i y) least x) (+ i…
  const r2, #2
  write r2, r1                ; (next (update (update v i y) least x) (+ i…
  const r1, #15
  read  r1, r1                ; (next (update (update v i y) least x) (+ i…
  const r2, #3
  write r2, r1                ; (next (update (update v i y) least x) (+ i…
  const r1, #16
  read  r1, r1                ; (next (update (update v i y) least x) (+ i…
  const r2, #4
  write r2, r1                ; (next (update (update v i y) least x) (+ i…
  const r1, #17
  read  r1, r1                ; (next (update (update v i y) least x) (+ i…
  const r2, #5
  write r2, r1                ; (next (update (update v i y) least x) (+ i…
  const r1, @main.next
  ret   r1                    ; to main.next
main.then:
  zero  r0
  read  r0, r0                ; result v
  const r1, #6
  write r1, r0                ; result v
  const r0, #1
  read  r0, r0                ; result v
  const r1, #7
  write r1, r0                ; result v
  const r0, #2
  read  r0, r0                ; result v
  const r1, #8
  write r1, r0                ; result v
  const r0, #3
  read  r0, r0                ; result v
  const r1, #9
  write r1, r0                ; result v
  const r0, #4
  read  r0, r0                ; result v
  const r1, #10
  write r1, r0                ; result v
  const r0, #5
  read  r0, r0                ; result v
  const r1, #11
  write r1, r0                ; result v
  const r0, #6                ; result v
  halt
