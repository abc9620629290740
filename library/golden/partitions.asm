.program partitions
.operands a
.reserve 22
.entry main
main:
  zero  r1                    ; 0
  zero  r2
  write r2, r1                ; (zeros 11)
  zero  r1                    ; 0
  const r2, #1
  write r2, r1                ; (zeros 11)
  zero  r1                    ; 0
  const r2, #2
  write r2, r1                ; (zeros 11)
  zero  r1                    ; 0
  const r2, #3
  write r2, r1                ; (zeros 11)
  zero  r1                    ; 0
  const r2, #4
  write r2, r1                ; (zeros 11)
  zero  r1                    ; 0
  const r2, #5
  write r2, r1                ; (zeros 11)
  zero  r1                    ; 0
  const r2, #6
  write r2, r1                ; (zeros 11)
  zero  r1                    ; 0
  const r2, #7
  write r2, r1                ; (zeros 11)
  zero  r1                    ; 0
  const r2, #8
  write r2, r1                ; (zeros 11)
  zero  r1                    ; 0
  const r2, #9
  write r2, r1                ; (zeros 11)
  zero  r1                    ; 0
  const r2, #10
  write r2, r1                ; (zeros 11)
  const r1, #1                ; 1
  const r2, #11
  write r2, r1                ; (update (zeros 11) 0 1)
  const r1, #1
  read  r1, r1                ; (update (zeros 11) 0 1)
  const r2, #12
  write r2, r1                ; (update (zeros 11) 0 1)
  const r1, #2
  read  r1, r1                ; (update (zeros 11) 0 1)
  const r2, #13
  write r2, r1                ; (update (zeros 11) 0 1)
  const r1, #3
  read  r1, r1                ; (update (zeros 11) 0 1)
  const r2, #14
  write r2, r1                ; (update (zeros 11) 0 1)
  const r1, #4
  read  r1, r1                ; (update (zeros 11) 0 1)
  const r2, #15
  write r2, r1                ; (update (zeros 11) 0 1)
  const r1, #5
  read  r1, r1                ; (update (zeros 11) 0 1)
  const r2, #16
  write r2, r1                ; (update (zeros 11) 0 1)
  const r1, #6
  read  r1, r1                ; (update (zeros 11) 0 1)
  const r2, #17
  write r2, r1                ; (update (zeros 11) 0 1)
  const r1, #7
  read  r1, r1                ; (update (zeros 11) 0 1)
  const r2, #18
  write r2, r1                ; (update (zeros 11) 0 1)
  const r1, #8
  read  r1, r1                ; (update (zeros 11) 0 1)
  const r2, #19
  write r2, r1                ; (update (zeros 11) 0 1)
  const r1, #9
  read  r1, r1                ; (update (zeros 11) 0 1)
  const r2, #20
  write r2, r1                ; (update (zeros 11) 0 1)
  const r1, #10
  read  r1, r1                ; (update (zeros 11) 0 1)
  const r2, #21
  write r2, r1                ; (update (zeros 11) 0 1)
  const r1, #1                ; ways, part at first
main.next-part:
  lt    r2, r0, r1            ; (> part a)
  const r3, @main.then
  jump  r2, r3                ; if (> part a)
  move  r2, r1                ; ways.1, sum at first
main.next-sum:
  lt    r3, r0, r2            ; (> sum a)
  const r4, @main.then2
  jump  r3, r4                ; if (> sum a)
  const r3, #11
  add   r3, r3, r2
  read  r3, r3                ; (ref ways sum)
  sub   r4, r2, r1            ; (- sum part)
  const r5, #11
  add   r5, r5, r4
  read  r5, r5                ; (ref ways (- sum part))
  add   r3, r3, r5            ; (+ (ref ways sum) (ref ways (- sum part)))
  const r4, #11
  add   r4, r4, r2
  write r4, r3                ; (update ways sum (+ (ref ways sum) (ref way…
  inc   r2, r2                ; (+ sum 1)
  const r3, @main.next-sum
  ret   r3                    ; to main.next-sum
main.then2:
  inc   r1, r1                ; (+ part 1)
  const r2, @main.next-part
  ret   r2                    ; to main.next-part
main.then:
  const r1, #11
  add   r1, r1, r0
  read  r1, r1                ; (ref ways a)
  move  r0, r1                ; result (ref ways a)
  halt
