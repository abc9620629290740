.program histogram
.array v 0 6
.result 6 6
.reserve 18
.entry main
main:
  zero  r0                    ; 0
  const r1, #12
  write r1, r0                ; counts, i at first
  zero  r0                    ; 0
  const r1, #13
  write r1, r0                ; counts, i at first
  zero  r0                    ; 0
  const r1, #14
  write r1, r0                ; counts, i at first
  zero  r0                    ; 0
  const r1, #15
  write r1, r0                ; counts, i at first
  zero  r0                    ; 0
  const r1, #16
  write r1, r0                ; counts, i at first
  zero  r0                    ; 0
  const r1, #17
  write r1, r0                ; counts, i at first
  zero  r0                    ; counts, i at first
main.loop:
  const r1, #6                ; 6
  eq    r1, r0, r1            ; (= i (vlen v))
  const r2, @main.then
  jump  r1, r2                ; if (= i (vlen v))
  read  r1, r0                ; (ref v i)
  const r2, #6                ; 6
  lt    r2, r1, r2            ; (< x 6)
  const r3, @main.then2
  jump  r2, r3                ; if (< x 6)
  inc   r0, r0                ; (+ i 1)
  const r1, @main.loop
  ret   r1                    ; to main.loop
main.then2:
  const r2, #12
  add   r2, r2, r1
  read  r2, r2                ; (ref counts x)
  inc   r2, r2                ; (+ (ref counts x) 1)
  const r3, #12
  add   r3, r3, r1
  write r3, r2                ; (update counts x (+ (ref counts x) 1))
  inc   r0, r0                ; (+ i 1)
  const r1, @main.loop
  ret   r1                    ; to main.loop
main.then:
  const r0, #12
  read  r0, r0                ; result counts
  const r1, #6
  write r1, r0                ; result counts
  const r0, #13
  read  r0, r0                ; result counts
  const r1, #7
  write r1, r0                ; result counts
  const r0, #14
  read  r0, r0                ; result counts
  const r1, #8
  write r1, r0                ; result counts
  const r0, #15
  read  r0, r0                ; result counts
  const r1, #9
  write r1, r0                ; result counts
  const r0, #16
  read  r0, r0                ; result counts
  const r1, #10
  write r1, r0                ; result counts
  const r0, #17
  read  r0, r0                ; result counts
  const r1, #11
  write r1, r0                ; result counts
  const r0, #6                ; result counts
  halt
