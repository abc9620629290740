.program counting-sort
.array v 0 6
.result 6 6
.reserve 26
.entry main
main:
  zero  r0                    ; 0
  const r1, #18
  write r1, r0                ; counts, i at first
  zero  r0                    ; 0
  const r1, #19
  write r1, r0                ; counts, i at first
  zero  r0                    ; 0
  const r1, #20
  write r1, r0                ; counts, i at first
  zero  r0                    ; 0
  const r1, #21
  write r1, r0                ; counts, i at first
  zero  r0                    ; 0
  const r1, #22
  write r1, r0                ; counts, i at first
  zero  r0                    ; 0
  const r1, #23
  write r1, r0                ; counts, i at first
  zero  r0                    ; 0
  const r1, #24
  write r1, r0                ; counts, i at first
  zero  r0                    ; 0
  const r1, #25
  write r1, r0                ; counts, i at first
  zero  r0                    ; counts, i at first
main.count:
  const r1, #6                ; 6
  lt    r1, r0, r1            ; (< i (vlen v))
  const r2, @main.then
  jump  r1, r2                ; if (< i (vlen v))
  zero  r0
  read  r0, r0                ; sorted, counts.1, x.1, i.1 at first
  const r1, #12
  write r1, r0                ; sorted, counts.1, x.1, i.1 at first
  const r0, #1
  read  r0, r0                ; sorted, counts.1, x.1, i.1 at first
  const r1, #13
  write r1, r0                ; sorted, counts.1, x.1, i.1 at first
  const r0, #2
  read  r0, r0                ; sorted, counts.1, x.1, i.1 at first
  const r1, #14
  write r1, r0                ; sorted, counts.1, x.1, i.1 at first
  const r0, #3
  read  r0, r0                ; sorted, counts.1, x.1, i.1 at first
  const r1, #15
  write r1, r0                ; sorted, counts.1, x.1, i.1 at first
  const r0, #4
  read  r0, r0                ; sorted, counts.1, x.1, i.1 at first
  const r1, #16
  write r1, r0                ; sorted, counts.1, x.1, i.1 at first
  const r0, #5
  read  r0, r0                ; sorted, counts.1, x.1, i.1 at first
  const r1, #17
  write r1, r0                ; sorted, counts.1, x.1, i.1 at first
  zero  r0                    ; sorted, counts.1, x.1, i.1 at first
  zero  r1                    ; sorted, counts.1, x.1, i.1 at first
main.write:
  const r2, #6                ; 6
  eq    r2, r1, r2            ; (= i (vlen v))
  const r3, @main.then2
  jump  r2, r3                ; if (= i (vlen v))
  const r2, #18
  add   r2, r2, r0
  read  r2, r2                ; (ref counts x)
  const r3, @main.then3
  jez   r2, r3                ; if (= (ref counts x) 0)
  const r2, #12
  add   r2, r2, r1
  write r2, r0                ; (update sorted i x)
  const r2, #18
  add   r2, r2, r0
  read  r2, r2                ; (ref counts x)
  dec   r2, r2                ; (- (ref counts x) 1)
  const r3, #18
  add   r3, r3, r0
  write r3, r2                ; (update counts x (- (ref counts x) 1))
  inc   r1, r1                ; (+ i 1)
  const r2, @main.write
  ret   r2                    ; to main.write
main.then3:
  inc   r0, r0                ; (+ x 1)
  const r2, @main.write
  ret   r2                    ; to main.write
main.then2:
  const r0, #12
  read  r0, r0                ; result sorted
  const r1, #6
  write r1, r0                ; result sorted
  const r0, #13
  read  r0, r0                ; result sorted
  const r1, #7
  write r1, r0                ; result sorted
  const r0, #14
  read  r0, r0                ; result sorted
  const r1, #8
  write r1, r0                ; result sorted
  const r0, #15
  read  r0, r0                ; result sorted
  const r1, #9
  write r1, r0                ; result sorted
  const r0, #16
  read  r0, r0                ; result sorted
  const r1, #10
  write r1, r0                ; result sorted
  const r0, #17
  read  r0, r0                ; result sorted
  const r1, #11
  write r1, r0                ; result sorted
  const r0, #6                ; result sorted
  halt
main.then:
  read  r1, r0                ; (ref v i)
  const r2, #8                ; 8
  mod   r1, r1, r2            ; (modulo (ref v i) 8)
  const r2, #18
  add   r2, r2, r1
  read  r2, r2                ; (ref counts x)
  inc   r2, r2                ; (+ (ref counts x) 1)
  const r3, #18
  add   r3, r3, r1
  write r3, r2                ; (update counts x (+ (ref counts x) 1))
  inc   r0, r0                ; (+ i 1)
  const r1, @main.count
  ret   r1                    ; to main.count
