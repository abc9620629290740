.program numeral
.array v 0 10
.reserve 10
.entry main
main:
  zero  r0                    ; i, value at first
  zero  r1                    ; i, value at first
main.loop:
  const r2, #10               ; 10
  eq    r2, r0, r2            ; (= i (vlen v))
  const r3, @main.then
  jump  r2, r3                ; if (= i (vlen v))
  inc   r2, r0                ; (+ i 1)
  const r3, #10               ; 10
  mul   r1, r1, r3            ; (* value 10)
  read  r0, r0                ; (ref v i)
  add   r1, r1, r0            ; (+ (* value 10) (ref v i))
  move  r0, r2                ; (loop (+ i 1) (+ (* value 10) (ref v i)))
  const r2, @main.loop
  ret   r2                    ; to main.loop
main.then:
  move  r0, r1                ; result value
  halt
