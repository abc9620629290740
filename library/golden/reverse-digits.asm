.program reverse-digits
.operands a
.entry main
main:
  zero  r1                    ; rest, result at first
main.loop:
  const r2, @main.then
  jez   r0, r2                ; if (= rest 0)
  const r2, #10               ; 10
  div   r2, r0, r2            ; (quotient rest 10)
  const r3, #10               ; 10
  mul   r1, r1, r3            ; (* result 10)
  const r3, #10               ; 10
  mod   r0, r0, r3            ; (modulo rest 10)
  add   r1, r1, r0            ; (+ (* result 10) (modulo rest 10))
  move  r0, r2                ; (loop (quotient rest 10) (+ (* result 10) (…
  const r2, @main.loop
  ret   r2                    ; to main.loop
main.then:
  move  r0, r1                ; result result
  halt
