.program coin-change
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
  const r1, #1                ; fewest, amount at first
main.next:
  lt    r2, r0, r1            ; (> amount a)
  const r3, @main.then
  jump  r2, r3                ; if (> amount a)
  zero  r2                    ; i, best at first
  const r3, #13               ; i, best at first
main.coin:
  const r4, #3                ; 3
  eq    r4, r2, r4            ; (= i (vlen v))
  const r5, @main.then2
  jump  r4, r5                ; if (= i (vlen v))
  read  r4, r2                ; (ref v i)
  lt    r4, r1, r4            ; (> (ref v i) amount)
  const r5, @main.then3
  jump  r4, r5                ; if (> (ref v i) amount)
  inc   r4, r2                ; (+ i 1)
  read  r2, r2                ; (ref v i)
  sub   r2, r1, r2            ; (- amount (ref v i))
  const r5, #3
  add   r5, r5, r2
  read  r5, r5                ; (ref fewest (- amount (ref v i)))
  inc   r2, r5                ; (+ 1 (ref fewest (- amount (ref v i))))
  min   r3, r3, r2            ; (min best (+ 1 (ref fewest (- amount (ref v…
  move  r2, r4                ; (coin (+ i 1) (min best (+ 1 (ref fewest (-…
  const r4, @main.coin
  ret   r4                    ; to main.coin
main.then3:
  inc   r2, r2                ; (+ i 1)
  const r4, @main.coin
  ret   r4                    ; to main.coin
main.then2:
  const r2, #3
  read  r2, r2                ; (update fewest amount best)
  const r4, #16
  write r4, r2                ; (update fewest amount best)
  const r2, #4
  read  r2, r2                ; (update fewest amount best)
  const r4, #17
  write r4, r2                ; (update fewest amount best)
  const r2, #5
  read  r2, r2                ; (update fewest amount best)
  const r4, #18
  write r4, r2                ; (update fewest amount best)
  const r2, #6
  read  r2, r2                ; (update fewest amount best)
  const r4, #19
  write r4, r2                ; (update fewest amount best)
  const r2, #7
  read  r2, r2                ; (update fewest amount best)
  const r4, #20
  write r4, r2                ; (update fewest amount best)
  const r2, #8
  read  r2, r2                ; (update fewest amount best)
  const r4, #21
  write r4, r2                ; (update fewest amount best)
  const r2, #9
  read  r2, r2                ; (update fewest amount best)
  const r4, #22
  write r4, r2                ; (update fewest amount best)
  const r2, #10
  read  r2, r2                ; (update fewest amount best)
  const r4, #23
  write r4, r2                ; (update fewest amount best)
  const r2, #11
  read  r2, r2                ; (update fewest amount best)
  const r4, #24
  write r4, r2                ; (update fewest amount best)
  const r2, #12
  read  r2, r2                ; (update fewest amount best)
  const r4, #25
  write r4, r2                ; (update fewest amount best)
  const r2, #13
  read  r2, r2                ; (update fewest amount best)
  const r4, #26
  write r4, r2                ; (update fewest amount best)
  const r2, #14
  read  r2, r2                ; (update fewest amount best)
  const r4, #27
  write r4, r2                ; (update fewest amount best)
  const r2, #15
  read  r2, r2                ; (update fewest amount best)
  const r4, #28
  write r4, r2                ; (update fewest amount best)
  const r2, #16
  add   r2, r2, r1
  write r2, r3                ; (update fewest amount best)
  inc   r1, r1                ; (+ amount 1)
  const r2, #16
  read  r2, r2                ; (next (update fewest amount best) (+ amount…
  const r3, #3
  write r3, r2                ; (next (update fewest amount best) (+ amount…
  const r2, #17
  read  r2, r2                ; (next (update fewest amount best) (+ amount…
  const r3, #4
  write r3, r2                ; (next (update fewest amount best) (+ amount…
  const r2, #18
  read  r2, r2                ; (next (update fewest amount best) (+ amount…
  const r3, #5
  write r3, r2                ; (next (update fewest amount best) (+ amount…
  const r2, #19
  read  r2, r2                ; (next (update fewest amount best) (+ amount…
  const r3, #6
  write r3, r2                ; (next (update fewest amount best) (+ amount…
  const r2, #20
  read  r2, r2                ; (next (update fewest amount best) (+ amount…
  const r3, #7
  write r3, r2                ; (next (update fewest amount best) (+ amount…
  const r2, #21
  read  r2, r2                ; (next (update fewest amount best) (+ amount…
  const r3, #8
  write r3, r2                ; (next (update fewest amount best) (+ amount…
  const r2, #22
  read  r2, r2                ; (next (update fewest amount best) (+ amount…
  const r3, #9
  write r3, r2                ; (next (update fewest amount best) (+ amount…
  const r2, #23
  read  r2, r2                ; (next (update fewest amount best) (+ amount…
  const r3, #10
  write r3, r2                ; (next (update fewest amount best) (+ amount…
  const r2, #24
  read  r2, r2                ; (next (update fewest amount best) (+ amount…
  const r3, #11
  write r3, r2                ; (next (update fewest amount best) (+ amount…
  const r2, #25
  read  r2, r2                ; (next (update fewest amount best) (+ amount…
  const r3, #12
  write r3, r2                ; (next (update fewest amount best) (+ amount…
  const r2, #26
  read  r2, r2                ; (next (update fewest amount best) (+ amount…
  const r3, #13
  write r3, r2                ; (next (update fewest amount best) (+ amount…
  const r2, #27
  read  r2, r2                ; (next (update fewest amount best) (+ amount…
  const r3, #14
  write r3, r2                ; (next (update fewest amount best) (+ amount…
  const r2, #28
  read  r2, r2                ; (next (update fewest amount best) (+ amount…
  const r3, #15
  write r3, r2                ; (next (update fewest amount best) (+ amount…
  const r2, @main.next
  ret   r2                    ; to main.next
main.then:
  const r1, #3
  add   r1, r1, r0
  read  r1, r1                ; (ref fewest a)
  move  r0, r1                ; result (ref fewest a)
  halt
