.program quotient
.operands a b
.stack r6
.entry main
.functions quotient
main:
  const r2, @quotient
  call  r2, r2, @main.back    ; quotient
main.back:
  halt
quotient:
  move  r3, r0                ; operands
  move  r4, r1                ; operands
  move  r5, r2                ; operands
  const r0, @quotient.then
  jez   r4, r0                ; if (= b 0)
  lt    r0, r3, r4            ; (< a b)
  const r1, @quotient.then2
  jump  r0, r1                ; if (< a b)
  sub   r0, r3, r4            ; (- a b)
  lt    r0, r0, r4            ; (< (- a b) b)
  const r1, @quotient.then3
  jump  r0, r1                ; if (< (- a b) b)
  add   r1, r4, r4            ; (+ b b)
  dec   r6, r6                ; push r3
  write r6, r3
  dec   r6, r6                ; push r4
  write r6, r4
  dec   r6, r6                ; push r5
  write r6, r5
  move  r0, r3                ; (quotient a (+ b b))
  const r2, @quotient
  call  r2, r2, @quotient.back; (quotient a (+ b b))
quotient.back:
  read  r5, r6                ; pop r5
  inc   r6, r6
  read  r4, r6                ; pop r4
  inc   r6, r6
  read  r3, r6                ; pop r3
  inc   r6, r6
  const r1, #2                ; 2
  mul   r0, r1, r0            ; (* 2 (quotient a (+ b b)))
  mul   r1, r0, r4            ; (* twice b)
  sub   r1, r3, r1            ; (- a (* twice b))
  lt    r1, r1, r4            ; (< (- a (* twice b)) b)
  const r2, @quotient.then4
  jump  r1, r2                ; if (< (- a (* twice b)) b)
  inc   r0, r0                ; (+ twice 1)
  ret   r5                    ; return
quotient.then4:
  ret   r5                    ; return
quotient.then3:
  const r0, #1                ; result 1
  ret   r5                    ; return
quotient.then2:
  zero  r0                    ; result 0
  ret   r5                    ; return
quotient.then:
  zero  r0                    ; result 0
  ret   r5                    ; return
