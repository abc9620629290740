.program coin-ways
.operands a
.array v 0 3
.reserve 29
.entry main
main:
  zero  r1                    ; 0
  const r2, #3
  write r2, r1                ; (zeros 13)
  zero  r1                    ; 0
  const r2, #4
  write r2, r1                ; (zeros 13)
  zero  r1                    ; 0
  const r2, #5
  write r2, r1                ; (zeros 13)
  zero  r1                    ; 0
  const r2, #6
  write r2, r1                ; (zeros 13)
  zero  r1                    ; 0
  const r2, #7
  write r2, r1                ; (zeros 13)
  zero  r1                    ; 0
  const r2, #8
  write r2, r1                ; (zeros 13)
  zero  r1                    ; 0
  const r2, #9
  write r2, r1                ; (zeros 13)
  zero  r1                    ; 0
  const r2, #10
  write r2, r1                ; (zeros 13)
  zero  r1                    ; 0
  const r2, #11
  write r2, r1                ; (zeros 13)
  zero  r1                    ; 0
  const r2, #12
  write r2, r1                ; (zeros 13)
  zero  r1                    ; 0
  const r2, #13
  write r2, r1                ; (zeros 13)
  zero  r1                    ; 0
  const r2, #14
  write r2, r1                ; (zeros 13)
  zero  r1                    ; 0
  const r2, #15
  write r2, r1                ; (zeros 13)
  const r1, #1                ; 1
  const r2, #16
  write r2, r1                ; (update (zeros 13) 0 1)
  const r1, #4
  read  r1, r1                ; (update (zeros 13) 0 1)
  const r2, #17
  write r2, r1                ; (update (zeros 13) 0 1)
  const r1, #5
  read  r1, r1                ; (update (zeros 13) 0 1)
  const r2, #18
  write r2, r1                ; (update (zeros 13) 0 1)
  const r1, #6
  read  r1, r1                ; (update (zeros 13) 0 1)
  const r2, #19
  write r2, r1                ; (update (zeros 13) 0 1)
  const r1, #7
  read  r1, r1                ; (update (zeros 13) 0 1)
  const r2, #20
  write r2, r1                ; (update (zeros 13) 0 1)
  const r1, #8
  read  r1, r1                ; (update (zeros 13) 0 1)
  const r2, #21
  write r2, r1                ; (update (zeros 13) 0 1)
  const r1, #9
  read  r1, r1                ; (update (zeros 13) 0 1)
  const r2, #22
  write r2, r1                ; (update (zeros 13) 0 1)
  const r1, #10
  read  r1, r1                ; (update (zeros 13) 0 1)
  const r2, #23
  write r2, r1                ; (update (zeros 13) 0 1)
  const r1, #11
  read  r1, r1                ; (update (zeros 13) 0 1)
  const r2, #24
  write r2, r1                ; (update (zeros 13) 0 1)
  const r1, #12
  read  r1, r1                ; (update (zeros 13) 0 1)
  const r2, #25
  write r2, r1                ; (update (zeros 13) 0 1)
  const r1, #13
  read  r1, r1                ; (update (zeros 13) 0 1)
  const r2, #26
  write r2, r1                ; (update (zeros 13) 0 1)
  const r1, #14
  read  r1, r1                ; (update (zeros 13) 0 1)
  const r2, #27
  write r2, r1                ; (update (zeros 13) 0 1)
  const r1, #15
  read  r1, r1                ; (update (zeros 13) 0 1)
  const r2, #28
  write r2, r1                ; (update (zeros 13) 0 1)
  zero  r1                    ; ways, i at first
main.next:
  const r2, #3                ; 3
  eq    r2, r1, r2            ; (= i (vlen v))
  const r3, @main.then
  jump  r2, r3                ; if (= i (vlen v))
  read  r2, r1                ; (ref v i)
main.fill:
  lt    r3, r0, r2            ; (> amount a)
  const r4, @main.then2
  jump  r3, r4                ; if (> amount a)
  const r3, #16
  add   r3, r3, r2
  read  r3, r3                ; (ref ways amount)
  read  r4, r1                ; (ref v i)
  sub   r4, r2, r4            ; (- amount (ref v i))
  const r5, #16
  add   r5, r5, r4
  read  r5, r5                ; (ref ways (- amount (ref v i)))
  add   r3, r3, r5            ; (+ (ref ways amount) (ref ways (- amount (r…
  const r4, #16
  add   r4, r4, r2
  write r4, r3                ; (update ways amount (+ (ref ways amount) (r…
  inc   r2, r2                ; (+ amount 1)
  const r3, @main.fill
  ret   r3                    ; to main.fill
main.then2:
  inc   r1, r1                ; (+ i 1)
  const r2, @main.next
  ret   r2                    ; to main.next
main.then:
  const r1, #16
  add   r1, r1, r0
  read  r1, r1                ; (ref ways a)
  move  r0, r1                ; result (ref ways a)
  halt
