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
  const r7, #4
  add   r7, r7, r2
  read  r7, r7                ; (ref e j)
  const r8, #4
  add   r8, r8, r2
  read  r8, r8                ; (ref e j)
  zero  r2                    ; 0
  lt    r2, r2, r8            ; (> (ref e j) 0)
  const r8, @main.then3
  jump  r2, r8                ; if (> (ref e j) 0)
  zero  r2                    ; 0
  const r8, @main.join
  ret   r8                    ; to main.join
main.then3:
  const r2, #1                ; 1
main.join:
  sub   r2, r7, r2            ; (- (ref e j) (if (> (ref e j) 0) 1 0))
  lt    r5, r6, r5            ; (<= (ref b j) (ref b i) (- (ref e j) (if (>…
  not   r5, r5                ; (<= (ref b j) (ref b i) (- (ref e j) (if (>…
  lt    r2, r2, r6            ; (<= (ref b j) (ref b i) (- (ref e j) (if (>…
  not   r2, r2                ; (<= (ref b j) (ref b i) (- (ref e j) (if (>…
  mul   r2, r5, r2            ; (<= (ref b j) (ref b i) (- (ref e j) (if (>…
  add   r3, r3, r2            ; (+ now (<= (ref b j) (ref b i) (- (ref e j)…
  move  r2, r4                ; (count (+ j 1) (+ now (<= (ref b j) (ref b…
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
