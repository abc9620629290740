.program catalan
.operands a
.reserve 18
.entry main
main:
  zero  r1                    ; 0
  zero  r2
  write r2, r1                ; (zeros 9)
  zero  r1                    ; 0
  const r2, #1
  write r2, r1                ; (zeros 9)
  zero  r1                    ; 0
  const r2, #2
  write r2, r1                ; (zeros 9)
  zero  r1                    ; 0
  const r2, #3
  write r2, r1                ; (zeros 9)
  zero  r1                    ; 0
  const r2, #4
  write r2, r1                ; (zeros 9)
  zero  r1                    ; 0
  const r2, #5
  write r2, r1                ; (zeros 9)
  zero  r1                    ; 0
  const r2, #6
  write r2, r1                ; (zeros 9)
  zero  r1                    ; 0
  const r2, #7
  write r2, r1                ; (zeros 9)
  zero  r1                    ; 0
  const r2, #8
  write r2, r1                ; (zeros 9)
  const r1, #1                ; 1
  const r2, #9
  write r2, r1                ; (update (zeros 9) 0 1)
  const r1, #1
  read  r1, r1                ; (update (zeros 9) 0 1)
  const r2, #10
  write r2, r1                ; (update (zeros 9) 0 1)
  const r1, #2
  read  r1, r1                ; (update (zeros 9) 0 1)
  const r2, #11
  write r2, r1                ; (update (zeros 9) 0 1)
  const r1, #3
  read  r1, r1                ; (update (zeros 9) 0 1)
  const r2, #12
  write r2, r1                ; (update (zeros 9) 0 1)
  const r1, #4
  read  r1, r1                ; (update (zeros 9) 0 1)
  const r2, #13
  write r2, r1                ; (update (zeros 9) 0 1)
  const r1, #5
  read  r1, r1                ; (update (zeros 9) 0 1)
  const r2, #14
  write r2, r1                ; (update (zeros 9) 0 1)
  const r1, #6
  read  r1, r1                ; (update (zeros 9) 0 1)
  const r2, #15
  write r2, r1                ; (update (zeros 9) 0 1)
  const r1, #7
  read  r1, r1                ; (update (zeros 9) 0 1)
  const r2, #16
  write r2, r1                ; (update (zeros 9) 0 1)
  const r1, #8
  read  r1, r1                ; (update (zeros 9) 0 1)
  const r2, #17
  write r2, r1                ; (update (zeros 9) 0 1)
  const r1, #1                ; found, i at first
main.next:
  lt    r2, r0, r1            ; (> i a)
  const r3, @main.then
  jump  r2, r3                ; if (> i a)
  zero  r2                    ; left, sum at first
  zero  r3                    ; left, sum at first
main.split:
  eq    r4, r2, r1            ; (= left i)
  const r5, @main.then2
  jump  r4, r5                ; if (= left i)
  inc   r4, r2                ; (+ left 1)
  const r5, #9
  add   r5, r5, r2
  read  r5, r5                ; (ref found left)
  sub   r2, r1, r2            ; (- i left 1)
  dec   r2, r2                ; (- i left 1)
  const r6, #9
  add   r6, r6, r2
  read  r6, r6                ; (ref found (- i left 1))
  mul   r2, r5, r6            ; (* (ref found left) (ref found (- i left 1)…
  add   r3, r3, r2            ; (+ sum (* (ref found left) (ref found (- i…
  move  r2, r4                ; (split (+ left 1) (+ sum (* (ref found left…
  const r4, @main.split
  ret   r4                    ; to main.split
main.then2:
  const r2, #9
  read  r2, r2                ; (update found i sum)
  zero  r4
  write r4, r2                ; (update found i sum)
  const r2, #10
  read  r2, r2                ; (update found i sum)
  const r4, #1
  write r4, r2                ; (update found i sum)
  const r2, #11
  read  r2, r2                ; (update found i sum)
  const r4, #2
  write r4, r2                ; (update found i sum)
  const r2, #12
  read  r2, r2                ; (update found i sum)
  const r4, #3
  write r4, r2                ; (update found i sum)
  const r2, #13
  read  r2, r2                ; (update found i sum)
  const r4, #4
  write r4, r2                ; (update found i sum)
  const r2, #14
  read  r2, r2                ; (update found i sum)
  const r4, #5
  write r4, r2                ; (update found i sum)
  const r2, #15
  read  r2, r2                ; (update found i sum)
  const r4, #6
  write r4, r2                ; (update found i sum)
  const r2, #16
  read  r2, r2                ; (update found i sum)
  const r4, #7
  write r4, r2                ; (update found i sum)
  const r2, #17
  read  r2, r2                ; (update found i sum)
  const r4, #8
  write r4, r2                ; (update found i sum)
  write r1, r3                ; (update found i sum)
  inc   r1, r1                ; (+ i 1)
  zero  r2
  read  r2, r2                ; (next (update found i sum) (+ i 1))
  const r3, #9
  write r3, r2                ; (next (update found i sum) (+ i 1))
  const r2, #1
  read  r2, r2                ; (next (update found i sum) (+ i 1))
  const r3, #10
  write r3, r2                ; (next (update found i sum) (+ i 1))
  const r2, #2
  read  r2, r2                ; (next (update found i sum) (+ i 1))
  const r3, #11
  write r3, r2                ; (next (update found i sum) (+ i 1))
  const r2, #3
  read  r2, r2                ; (next (update found i sum) (+ i 1))
  const r3, #12
  write r3, r2                ; (next (update found i sum) (+ i 1))
  const r2, #4
  read  r2, r2                ; (next (update found i sum) (+ i 1))
  const r3, #13
  write r3, r2                ; (next (update found i sum) (+ i 1))
  const r2, #5
  read  r2, r2                ; (next (update found i sum) (+ i 1))
  const r3, #14
  write r3, r2                ; (next (update found i sum) (+ i 1))
  const r2, #6
  read  r2, r2                ; (next (update found i sum) (+ i 1))
  const r3, #15
  write r3, r2                ; (next (update found i sum) (+ i 1))
  const r2, #7
  read  r2, r2                ; (next (update found i sum) (+ i 1))
  const r3, #16
  write r3, r2                ; (next (update found i sum) (+ i 1))
  const r2, #8
  read  r2, r2                ; (next (update found i sum) (+ i 1))
  const r3, #17
  write r3, r2                ; (next (update found i sum) (+ i 1))
  const r2, @main.next
  ret   r2                    ; to main.next
main.then:
  const r1, #9
  add   r1, r1, r0
  read  r1, r1                ; (ref found a)
  move  r0, r1                ; result (ref found a)
  halt
