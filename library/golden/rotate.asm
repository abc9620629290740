.program rotate
.operands k
.array v 0 6
.result 6 6
.reserve 18
.entry main
main:
  const r1, #6                ; 6
  mod   r0, r0, r1            ; (modulo k (vlen v))
  zero  r1
  read  r1, r1                ; turned, i, from at first
  const r2, #12
  write r2, r1                ; turned, i, from at first
  const r1, #1
  read  r1, r1                ; turned, i, from at first
  const r2, #13
  write r2, r1                ; turned, i, from at first
  const r1, #2
  read  r1, r1                ; turned, i, from at first
  const r2, #14
  write r2, r1                ; turned, i, from at first
  const r1, #3
  read  r1, r1                ; turned, i, from at first
  const r2, #15
  write r2, r1                ; turned, i, from at first
  const r1, #4
  read  r1, r1                ; turned, i, from at first
  const r2, #16
  write r2, r1                ; turned, i, from at first
  const r1, #5
  read  r1, r1                ; turned, i, from at first
  const r2, #17
  write r2, r1                ; turned, i, from at first
  zero  r1                    ; turned, i, from at first
main.loop:
  const r2, #6                ; 6
  eq    r2, r1, r2            ; (= i (vlen v))
  const r3, @main.then
  jump  r2, r3                ; if (= i (vlen v))
  read  r2, r0                ; (ref v from)
  const r3, #12
  add   r3, r3, r1
  write r3, r2                ; (update turned i (ref v from))
  inc   r1, r1                ; (+ i 1)
  inc   r2, r0                ; (+ from 1)
  const r3, #6                ; 6
  eq    r2, r2, r3            ; (= (+ from 1) (vlen v))
  const r3, @main.then2
  jump  r2, r3                ; if (= (+ from 1) (vlen v))
  inc   r0, r0                ; (+ from 1)
  const r2, @main.join
  ret   r2                    ; to main.join
main.then2:
  zero  r0                    ; 0
main.join:
  const r2, @main.loop
  ret   r2                    ; to main.loop
main.then:
  const r0, #12
  read  r0, r0                ; result turned
  const r1, #6
  write r1, r0                ; result turned
  const r0, #13
  read  r0, r0                ; result turned
  const r1, #7
  write r1, r0                ; result turned
  const r0, #14
  read  r0, r0                ; result turned
  const r1, #8
  write r1, r0                ; result turned
  const r0, #15
  read  r0, r0                ; result turned
  const r1, #9
  write r1, r0                ; result turned
  const r0, #16
  read  r0, r0                ; result turned
  const r1, #10
  write r1, r0                ; result turned
  const r0, #17
  read  r0, r0                ; result turned
  const r1, #11
  write r1, r0                ; result turned
  const r0, #6                ; result turned
  halt
