.program ackermann
.operands a b
.stack r5
.entry main
.functions ackermann
main:
  const r2, @ackermann
  call  r2, r2, @main.back    ; ackermann
main.back:
  halt
ackermann:
  move  r3, r2                ; operands
ackermann.ackermann:
  const r2, @ackermann.then
  jez   r0, r2                ; if (= a 0)
  const r2, @ackermann.then2
  jez   r1, r2                ; if (= b 0)
  dec   r4, r0                ; (- a 1)
  dec   r1, r1                ; (- b 1)
  dec   r5, r5                ; push r3
  write r5, r3
  dec   r5, r5                ; push r4
  write r5, r4
  const r2, @ackermann
  call  r2, r2, @ackermann.back; (ackermann a (- b 1))
ackermann.back:
  read  r4, r5                ; pop r4
  inc   r5, r5
  read  r3, r5                ; pop r3
  inc   r5, r5
  move  r1, r0
  move  r0, r4                ; (ackermann (- a 1) (ackermann a (- b 1)))
  const r2, @ackermann.ackermann
  ret   r2                    ; to ackermann.ackermann
ackermann.then2:
  dec   r0, r0                ; (- a 1)
  const r1, #1                ; (ackermann (- a 1) 1)
  const r2, @ackermann.ackermann
  ret   r2                    ; to ackermann.ackermann
ackermann.then:
  inc   r0, r1                ; (+ b 1)
  ret   r3                    ; return
