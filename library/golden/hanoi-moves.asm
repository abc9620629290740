.program hanoi-moves
.operands a
.stack r3
.entry main
.functions hanoi-moves
main:
  const r1, @hanoi-moves
  call  r1, r1, @main.back    ; hanoi-moves
main.back:
  halt
hanoi-moves:
  move  r2, r1                ; operands
  const r1, @hanoi-moves.then
  jez   r0, r1                ; if (= a 0)
  dec   r0, r0                ; (- a 1)
  dec   r3, r3                ; push r2
  write r3, r2
  const r1, @hanoi-moves
  call  r1, r1, @hanoi-moves.back; (hanoi-moves (- a 1))
hanoi-moves.back:
  read  r2, r3                ; pop r2
  inc   r3, r3
  inc   r1, r0                ; (+ rest 1 rest)
  add   r0, r1, r0            ; (+ rest 1 rest)
  ret   r2                    ; return
hanoi-moves.then:
  zero  r0                    ; result 0
  ret   r2                    ; return
