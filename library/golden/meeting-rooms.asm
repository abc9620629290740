.program meeting-rooms
.array b 0 4
.array e 4 4
.reserve 8
.entry main
main:
  zero  r0                    ; i, most at first
  zero  r1                    ; i, most at first
main.start:
  const r2, #4                ; 4
  eq    r2, r0, r2            ; (= i (vlen b))
  const r3, @main.then
  jump  r2, r3                ; if (= i (vlen b))
  zero  r2                    ; j, now at first
  zero  r3                    ; j, now at first
main.count:
  const r4, #4                ; 4
  eq    r4, r2, r4            ; (= j (vlen b))
  const r5, @main.then2
  jump  r4, r5                ; if (= j (vlen b))
  inc   r4, r2                ; (+ j 1)
  read  r5, r2                ; (ref b j)
  read  r6, r0                ; (ref b i)
  lt    r5, r6, r5            ; (<= (ref b j) (ref b i))
  const r6, @main.else
  jump  r5, r6                ; unless (<= (ref b j) (ref b i))
  read  r5, r0                ; (ref b i)
  const r6, #4
  add   r6, r6, r2
  read  r6, r6                ; (ref e j)
  lt    r2, r5, r6            ; (< (ref b i) (ref e j))
  const r5, @main.join
  ret   r5                    ; to main.join
main.else:
  zero  r2                    ; (and (<= (ref b j) (ref b i)) (< (ref b i)…
main.join:
  add   r3, r3, r2            ; (+ now (and (<= (ref b j) (ref b i)) (< (re…
  move  r2, r4                ; (count (+ j 1) (+ now (and (<= (ref b j) (r…
  const r4, @main.count
  ret   r4                    ; to main.count
main.then2:
  inc   r0, r0                ; (+ i 1)
  max   r1, r1, r3            ; (max most now)
  const r2, @main.start
  ret   r2                    ; to main.start
main.then:
  move  r0, r1                ; result most
  halt
