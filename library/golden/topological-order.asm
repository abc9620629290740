.program topological-order
.array m 0 4 4
.result 16 4
.reserve 36
.entry main
main:
  const r0, #4                ; 4
  const r1, #20
  write r1, r0                ; order, taken, count at first
  const r0, #4                ; 4
  const r1, #21
  write r1, r0                ; order, taken, count at first
  const r0, #4                ; 4
  const r1, #22
  write r1, r0                ; order, taken, count at first
  const r0, #4                ; 4
  const r1, #23
  write r1, r0                ; order, taken, count at first
  zero  r0                    ; 0
  const r1, #24
  write r1, r0                ; order, taken, count at first
  zero  r0                    ; 0
  const r1, #25
  write r1, r0                ; order, taken, count at first
  zero  r0                    ; 0
  const r1, #26
  write r1, r0                ; order, taken, count at first
  zero  r0                    ; 0
  const r1, #27
  write r1, r0                ; order, taken, count at first
  zero  r0                    ; order, taken, count at first
main.take:
  const r1, #4                ; 4
  eq    r1, r0, r1            ; (= count (vlen order))
  const r2, @main.then
  jump  r1, r2                ; if (= count (vlen order))
  zero  r1                    ; j at first
main.candidate:
  const r2, #4                ; 4
  eq    r2, r1, r2            ; (= j (vlen order))
  const r3, @main.then2
  jump  r2, r3                ; if (= j (vlen order))
  const r2, #24
  add   r2, r2, r1
  read  r2, r2                ; (ref taken j)
  const r3, @main.else
  jez   r2, r3                ; unless (ref taken j)
  inc   r1, r1                ; (+ j 1)
  const r2, @main.candidate
  ret   r2                    ; to main.candidate
main.else:
  zero  r2                    ; i at first
main.from:
  const r3, #4                ; 4
  eq    r3, r2, r3            ; (= i (vlen order))
  const r4, @main.then3
  jump  r3, r4                ; if (= i (vlen order))
  const r3, #4                ; 4
  mul   r3, r2, r3            ; (ref m i)
  read  r4, r3                ; (ref m i)
  const r5, #28
  write r5, r4                ; (ref m i)
  const r4, #1
  add   r4, r4, r3
  read  r4, r4                ; (ref m i)
  const r5, #29
  write r5, r4                ; (ref m i)
  const r4, #2
  add   r4, r4, r3
  read  r4, r4                ; (ref m i)
  const r5, #30
  write r5, r4                ; (ref m i)
  const r4, #3
  add   r4, r4, r3
  read  r4, r4                ; (ref m i)
  const r3, #31
  write r3, r4                ; (ref m i)
  const r3, #28
  add   r3, r3, r1
  read  r3, r3                ; (ref (ref m i) j)
  const r4, @main.else2
  jez   r3, r4                ; unless (ref (ref m i) j)
  const r3, #24
  add   r3, r3, r2
  read  r3, r3                ; (ref taken i)
  not   r3, r3                ; (not (ref taken i))
  const r4, @main.join
  ret   r4                    ; to main.join
main.else2:
  zero  r3                    ; (and (ref (ref m i) j) (not (ref taken i)))
main.join:
  const r4, @main.else3
  jez   r3, r4                ; unless (and (ref (ref m i) j) (not (ref taken i)))
  inc   r1, r1                ; (+ j 1)
  const r2, @main.candidate
  ret   r2                    ; to main.candidate
main.else3:
  inc   r2, r2                ; (+ i 1)
  const r3, @main.from
  ret   r3                    ; to main.from
main.then3:
  const r2, #20
  read  r2, r2                ; (update order count j)
  const r3, #28
  write r3, r2                ; (update order count j)
  const r2, #21
  read  r2, r2                ; (update order count j)
  const r3, #29
  write r3, r2                ; (update order count j)
  const r2, #22
  read  r2, r2                ; (update order count j)
  const r3, #30
  write r3, r2                ; (update order count j)
  const r2, #23
  read  r2, r2                ; (update order count j)
  const r3, #31
  write r3, r2                ; (update order count j)
  const r2, #28
  add   r2, r2, r0
  write r2, r1                ; (update order count j)
  const r2, #24
  read  r2, r2                ; (update taken j 1)
  const r3, #32
  write r3, r2                ; (update taken j 1)
  const r2, #25
  read  r2, r2                ; (update taken j 1)
  const r3, #33
  write r3, r2                ; (update taken j 1)
  const r2, #26
  read  r2, r2                ; (update taken j 1)
  const r3, #34
  write r3, r2                ; (update taken j 1)
  const r2, #27
  read  r2, r2                ; (update taken j 1)
  const r3, #35
  write r3, r2                ; (update taken j 1)
  const r2, #1                ; 1
  const r3, #32
  add   r3, r3, r1
  write r3, r2                ; (update taken j 1)
  inc   r0, r0                ; (+ count 1)
  const r1, #28
  read  r1, r1                ; (take (update order count j) (update taken…
  const r2, #20
  write r2, r1                ; (take (update order count j) (update taken…
  const r1, #29
  read  r1, r1                ; (take (update order count j) (update taken…
  const r2, #21
  write r2, r1                ; (take (update order count j) (update taken…
  const r1, #30
  read  r1, r1                ; (take (update order count j) (update taken…
  const r2, #22
  write r2, r1                ; (take (update order count j) (update taken…
  const r1, #31
  read  r1, r1                ; (take (update order count j) (update taken…
  const r2, #23
  write r2, r1                ; (take (update order count j) (update taken…
  const r1, #32
  read  r1, r1                ; (take (update order count j) (update taken…
  const r2, #24
  write r2, r1                ; (take (update order count j) (update taken…
  const r1, #33
  read  r1, r1                ; (take (update order count j) (update taken…
  const r2, #25
  write r2, r1                ; (take (update order count j) (update taken…
  const r1, #34
  read  r1, r1                ; (take (update order count j) (update taken…
  const r2, #26
  write r2, r1                ; (take (update order count j) (update taken…
  const r1, #35
  read  r1, r1                ; (take (update order count j) (update taken…
  const r2, #27
  write r2, r1                ; (take (update order count j) (update taken…
  const r1, @main.take
  ret   r1                    ; to main.take
main.then2:
  const r0, #20
  read  r0, r0                ; result order
  const r1, #16
  write r1, r0                ; result order
  const r0, #21
  read  r0, r0                ; result order
  const r1, #17
  write r1, r0                ; result order
  const r0, #22
  read  r0, r0                ; result order
  const r1, #18
  write r1, r0                ; result order
  const r0, #23
  read  r0, r0                ; result order
  const r1, #19
  write r1, r0                ; result order
  const r0, #16               ; result order
  halt
main.then:
  const r0, #20
  read  r0, r0                ; result order
  const r1, #16
  write r1, r0                ; result order
  const r0, #21
  read  r0, r0                ; result order
  const r1, #17
  write r1, r0                ; result order
  const r0, #22
  read  r0, r0                ; result order
  const r1, #18
  write r1, r0                ; result order
  const r0, #23
  read  r0, r0                ; result order
  const r1, #19
  write r1, r0                ; result order
  const r0, #16               ; result order
  halt
