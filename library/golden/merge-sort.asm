.program merge-sort
.array v 0 6
.result 6 6
.reserve 18
.entry main
main:
  const r0, #1                ; v.2, width at first
main.pass:
  const r1, #6                ; 6
  lt    r1, r0, r1            ; (>= width (vlen v))
  const r2, @main.else
  jump  r1, r2                ; unless (>= width (vlen v))
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
main.else:
  zero  r1
  read  r1, r1                ; merged, start at first
  const r2, #1
  read  r2, r2                ; merged, start at first
  const r3, #2
  read  r3, r3                ; merged, start at first
  const r4, #3
  read  r4, r4                ; merged, start at first
  const r5, #4
  read  r5, r5                ; merged, start at first
  const r6, #5
  read  r6, r6                ; merged, start at first
  zero  r7                    ; merged, start at first
main.runs:
  const r8, #6                ; 6
  lt    r8, r7, r8            ; (>= start (vlen v))
  const r9, @main.else2
  jump  r8, r9                ; unless (>= start (vlen v))
  add   r0, r0, r0            ; (+ width width)
  zero  r7
  write r7, r1                ; (pass merged (+ width width))
  const r1, #1
  write r1, r2                ; (pass merged (+ width width))
  const r1, #2
  write r1, r3                ; (pass merged (+ width width))
  const r1, #3
  write r1, r4                ; (pass merged (+ width width))
  const r1, #4
  write r1, r5                ; (pass merged (+ width width))
  const r1, #5
  write r1, r6                ; (pass merged (+ width width))
  const r1, @main.pass
  ret   r1                    ; to main.pass
main.else2:
  add   r8, r7, r0            ; (+ start width)
  const r9, #6                ; 6
  min   r8, r8, r9            ; (min (+ start width) (vlen v))
  add   r9, r8, r0            ; (+ middle width)
  const r10, #6               ; 6
  min   r9, r9, r10           ; (min (+ middle width) (vlen v))
  const r10, #12
  write r10, r1               ; merged.1, i, j, k at first
  const r1, #13
  write r1, r2                ; merged.1, i, j, k at first
  const r1, #14
  write r1, r3                ; merged.1, i, j, k at first
  const r1, #15
  write r1, r4                ; merged.1, i, j, k at first
  const r1, #16
  write r1, r5                ; merged.1, i, j, k at first
  const r1, #17
  write r1, r6                ; merged.1, i, j, k at first
  move  r1, r7                ; merged.1, i, j, k at first
  move  r2, r8                ; merged.1, i, j, k at first
  move  r3, r7                ; merged.1, i, j, k at first
main.merge:
  eq    r4, r3, r9            ; (= k end)
  const r5, @main.then
  jump  r4, r5                ; if (= k end)
  lt    r4, r1, r8            ; (< i middle)
  const r5, @main.then2
  jump  r4, r5                ; if (< i middle)
  zero  r4                    ; (and (< i middle) (or (= j end) (<= (ref v…
  const r5, @main.join
  ret   r5                    ; to main.join
main.then2:
  eq    r4, r2, r9            ; (= j end)
  const r5, @main.then3
  jump  r4, r5                ; if (= j end)
  read  r4, r1                ; (ref v i)
  read  r5, r2                ; (ref v j)
  lt    r4, r5, r4            ; (<= (ref v i) (ref v j))
  not   r4, r4                ; (<= (ref v i) (ref v j))
  const r5, @main.join
  ret   r5                    ; to main.join
main.then3:
main.join:
  const r5, @main.else3
  jez   r4, r5                ; unless (and (< i middle) (or (= j end) (<= (ref v…
  read  r4, r1                ; (ref v i)
  const r5, #12
  add   r5, r5, r3
  write r5, r4                ; (update merged k (ref v i))
  inc   r1, r1                ; (+ i 1)
  inc   r3, r3                ; (+ k 1)
  const r4, @main.merge
  ret   r4                    ; to main.merge
main.else3:
  read  r4, r2                ; (ref v j)
  const r5, #12
  add   r5, r5, r3
  write r5, r4                ; (update merged k (ref v j))
  inc   r2, r2                ; (+ j 1)
  inc   r3, r3                ; (+ k 1)
  const r4, @main.merge
  ret   r4                    ; to main.merge
main.then:
  move  r7, r9                ; (runs merged end)
  const r1, #12
  read  r1, r1                ; (runs merged end)
  const r2, #13
  read  r2, r2                ; (runs merged end)
  const r3, #14
  read  r3, r3                ; (runs merged end)
  const r4, #15
  read  r4, r4                ; (runs merged end)
  const r5, #16
  read  r5, r5                ; (runs merged end)
  const r6, #17
  read  r6, r6                ; (runs merged end)
  const r8, @main.runs
  ret   r8                    ; to main.runs
