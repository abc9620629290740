.program integer-square-root
.operands a
.entry main
main:
  zero  r1                    ; root, rest, odd at first
  const r2, #1                ; root, rest, odd at first
main.loop:
  lt    r3, r0, r2            ; (< rest odd)
  const r4, @main.then
  jump  r3, r4                ; if (< rest odd)
  inc   r1, r1                ; (+ root 1)
  sub   r0, r0, r2            ; (- rest odd)
  const r3, #2                ; 2
  add   r2, r2, r3            ; (+ odd 2)
  const r3, @main.loop
  ret   r3                    ; to main.loop
main.then:
  move  r0, r1                ; result root
  halt
