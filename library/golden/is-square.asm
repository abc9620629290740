.program is-square
.operands a
.entry main
main:
  const r1, #1                ; rest, odd at first
main.loop:
  lt    r2, r0, r1            ; (< rest odd)
  const r3, @main.then
  jump  r2, r3                ; if (< rest odd)
  sub   r0, r0, r1            ; (- rest odd)
  const r2, #2                ; 2
  add   r1, r1, r2            ; (+ odd 2)
  const r2, @main.loop
  ret   r2                    ; to main.loop
main.then:
  not   r0, r0                ; (= rest 0)
  halt
