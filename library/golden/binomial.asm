.program binomial
.operands a b
.reserve 20
.entry main
main:
  zero  r2                    ; 0
  zero  r3
  write r3, r2                ; (zeros 10)
  zero  r2                    ; 0
  const r3, #1
  write r3, r2                ; (zeros 10)
  zero  r2                    ; 0
  const r3, #2
  write r3, r2                ; (zeros 10)
  zero  r2                    ; 0
  const r3, #3
  write r3, r2                ; (zeros 10)
  zero  r2                    ; 0
  const r3, #4
  write r3, r2                ; (zeros 10)
  zero  r2                    ; 0
  const r3, #5
  write r3, r2                ; (zeros 10)
  zero  r2                    ; 0
  const r3, #6
  write r3, r2                ; (zeros 10)
  zero  r2                    ; 0
  const r3, #7
  write r3, r2                ; (zeros 10)
  zero  r2                    ; 0
  const r3, #8
  write r3, r2                ; (zeros 10)
  zero  r2                    ; 0
  const r3, #9
  write r3, r2                ; (zeros 10)
  const r2, #1                ; 1
  const r3, #10
  write r3, r2                ; (update (zeros 10) 0 1)
  const r2, #1
  read  r2, r2                ; (update (zeros 10) 0 1)
  const r3, #11
  write r3, r2                ; (update (zeros 10) 0 1)
  const r2, #2
  read  r2, r2                ; (update (zeros 10) 0 1)
  const r3, #12
  write r3, r2                ; (update (zeros 10) 0 1)
  const r2, #3
  read  r2, r2                ; (update (zeros 10) 0 1)
  const r3, #13
  write r3, r2                ; (update (zeros 10) 0 1)
  const r2, #4
  read  r2, r2                ; (update (zeros 10) 0 1)
  const r3, #14
  write r3, r2                ; (update (zeros 10) 0 1)
  const r2, #5
  read  r2, r2                ; (update (zeros 10) 0 1)
  const r3, #15
  write r3, r2                ; (update (zeros 10) 0 1)
  const r2, #6
  read  r2, r2                ; (update (zeros 10) 0 1)
  const r3, #16
  write r3, r2                ; (update (zeros 10) 0 1)
  const r2, #7
  read  r2, r2                ; (update (zeros 10) 0 1)
  const r3, #17
  write r3, r2                ; (update (zeros 10) 0 1)
  const r2, #8
  read  r2, r2                ; (update (zeros 10) 0 1)
  const r3, #18
  write r3, r2                ; (update (zeros 10) 0 1)
  const r2, #9
  read  r2, r2                ; (update (zeros 10) 0 1)
  const r3, #19
  write r3, r2                ; (update (zeros 10) 0 1)
  zero  r2                    ; row, i at first
main.next-row:
  eq    r3, r2, r0            ; (= i a)
  const r4, @main.then
  jump  r3, r4                ; if (= i a)
  inc   r3, r2                ; (+ i 1)
main.next-place:
  const r4, @main.then2
  jez   r3, r4                ; if (= place 0)
  const r4, #10
  add   r4, r4, r3
  read  r4, r4                ; (ref row place)
  dec   r5, r3                ; (- place 1)
  const r6, #10
  add   r6, r6, r5
  read  r6, r6                ; (ref row (- place 1))
  add   r4, r4, r6            ; (+ (ref row place) (ref row (- place 1)))
  const r5, #10
  add   r5, r5, r3
  write r5, r4                ; (update row place (+ (ref row place) (ref r…
  dec   r3, r3                ; (- place 1)
  const r4, @main.next-place
  ret   r4                    ; to main.next-place
main.then2:
  inc   r2, r2                ; (+ i 1)
  const r3, @main.next-row
  ret   r3                    ; to main.next-row
main.then:
  const r0, #10
  add   r0, r0, r1
  read  r0, r0                ; (ref row b)
  halt
