.program linear-search
.operands x
.array v 0 6
.reserve 6
.entry main
main:
  zero  r1                    ; i at first
main.loop:
  const r2, #6                ; 6
  eq    r2, r1, r2            ; (= i (vlen v))
  const r3, @main.then
  jump  r2, r3                ; if (= i (vlen v))
  read  r2, r1                ; (ref v i)
  eq    r2, r2, r0            ; (= (ref v i) x)
  const r3, @main.then2
  jump  r2, r3                ; if (= (ref v i) x)
  inc   r1, r1                ; (+ i 1)
  const r2, @main.loop
  ret   r2                    ; to main.loop
main.then2:
  move  r0, r1                ; result i
  halt
main.then:
  move  r0, r1                ; result i
  halt
