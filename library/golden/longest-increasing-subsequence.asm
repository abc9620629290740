.program longest-increasing-subsequence
.array v 0 6
.reserve 18
.entry main
main:
  const r0, #1                ; 1
  const r1, #6
  write r1, r0                ; lengths, i, longest at first
  const r0, #1                ; 1
  const r1, #7
  write r1, r0                ; lengths, i, longest at first
  const r0, #1                ; 1
  const r1, #8
  write r1, r0                ; lengths, i, longest at first
  const r0, #1                ; 1
  const r1, #9
  write r1, r0                ; lengths, i, longest at first
  const r0, #1                ; 1
  const r1, #10
  write r1, r0                ; lengths, i, longest at first
  const r0, #1                ; 1
  const r1, #11
  write r1, r0                ; lengths, i, longest at first
  zero  r0                    ; lengths, i, longest at first
  zero  r1                    ; lengths, i, longest at first
main.next:
  const r2, #6                ; 6
  eq    r2, r0, r2            ; (= i (vlen v))
  const r3, @main.then
  jump  r2, r3                ; if (= i (vlen v))
  zero  r2                    ; j, length at first
  const r3, #1                ; j, length at first
main.before:
  eq    r4, r2, r0            ; (= j i)
  const r5, @main.then2
  jump  r4, r5                ; if (= j i)
  inc   r4, r2                ; (+ j 1)
  read  r5, r2                ; (ref v j)
  read  r6, r0                ; (ref v i)
  lt    r5, r5, r6            ; (< (ref v j) (ref v i))
  const r6, @main.then3
  jump  r5, r6                ; if (< (ref v j) (ref v i))
  const r2, @main.join
  ret   r2                    ; to main.join
main.then3:
  const r5, #6
  add   r5, r5, r2
  read  r5, r5                ; (ref lengths j)
  inc   r2, r5                ; (+ (ref lengths j) 1)
  max   r3, r3, r2            ; (max length (+ (ref lengths j) 1))
main.join:
  move  r2, r4                ; (before (+ j 1) (if (< (ref v j) (ref v i))…
  const r4, @main.before
  ret   r4                    ; to main.before
main.then2:
  const r2, #6
  read  r2, r2                ; (update lengths i length)
  const r4, #12
  write r4, r2                ; (update lengths i length)
  const r2, #7
  read  r2, r2                ; (update lengths i length)
  const r4, #13
  write r4, r2                ; (update lengths i length)
  const r2, #8
  read  r2, r2                ; (update lengths i length)
  const r4, #14
  write r4, r2                ; (update lengths i length)
  const r2, #9
  read  r2, r2                ; (update lengths i length)
  const r4, #15
  write r4, r2                ; (update lengths i length)
  const r2, #10
  read  r2, r2                ; (update lengths i length)
  const r4, #16
  write r4, r2                ; (update lengths i length)
  const r2, #11
  read  r2, r2                ; (update lengths i length)
  const r4, #17
  write r4, r2                ; (update lengths i length)
  const r2, #12
  add   r2, r2, r0
  write r2, r3                ; (update lengths i length)
  inc   r0, r0                ; (+ i 1)
  max   r1, r1, r3            ; (max longest length)
  const r2, #12
  read  r2, r2                ; (next (update lengths i length) (+ i 1) (ma…
  const r3, #6
  write r3, r2                ; (next (update lengths i length) (+ i 1) (ma…
  const r2, #13
  read  r2, r2                ; (next (update lengths i length) (+ i 1) (ma…
  const r3, #7
  write r3, r2                ; (next (update lengths i length) (+ i 1) (ma…
  const r2, #14
  read  r2, r2                ; (next (update lengths i length) (+ i 1) (ma…
  const r3, #8
  write r3, r2                ; (next (update lengths i length) (+ i 1) (ma…
  const r2, #15
  read  r2, r2                ; (next (update lengths i length) (+ i 1) (ma…
  const r3, #9
  write r3, r2                ; (next (update lengths i length) (+ i 1) (ma…
  const r2, #16
  read  r2, r2                ; (next (update lengths i length) (+ i 1) (ma…
  const r3, #10
  write r3, r2                ; (next (update lengths i length) (+ i 1) (ma…
  const r2, #17
  read  r2, r2                ; (next (update lengths i length) (+ i 1) (ma…
  const r3, #11
  write r3, r2                ; (next (update lengths i length) (+ i 1) (ma…
  const r2, @main.next
  ret   r2                    ; to main.next
main.then:
  move  r0, r1                ; result longest
  halt
