.program digit-count
.operands a
.entry main
main:
  const r1, #1                ; rest, count at first
main.loop:
  const r2, #10               ; 10
  lt    r2, r0, r2            ; (< rest 10)
  const r3, @main.then
  jump  r2, r3                ; if (< rest 10)
  const r2, #10               ; 10
  div   r0, r0, r2            ; (quotient rest 10)
  inc   r1, r1                ; (+ count 1)
  const r2, @main.loop
  ret   r2                    ; to main.loop
main.then:
  move  r0, r1                ; result count
  halt
