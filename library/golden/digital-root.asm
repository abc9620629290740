.program digital-root
.operands a
.entry main
main:
main.digital-root:
  const r1, #10               ; 10
  lt    r1, r0, r1            ; (< a 10)
  const r2, @main.then
  jump  r1, r2                ; if (< a 10)
  zero  r1                    ; rest, sum at first
main.loop:
  const r2, @main.then2
  jez   r0, r2                ; if (= rest 0)
  const r2, #10               ; 10
  div   r2, r0, r2            ; (quotient rest 10)
  const r3, #10               ; 10
  mod   r0, r0, r3            ; (modulo rest 10)
  add   r1, r1, r0            ; (+ sum (modulo rest 10))
  move  r0, r2                ; (loop (quotient rest 10) (+ sum (modulo res…
  const r2, @main.loop
  ret   r2                    ; to main.loop
main.then2:
  move  r0, r1                ; (digital-root (digit-sum a))
  const r1, @main.digital-root
  ret   r1                    ; to main.digital-root
main.then:
  halt
