.program sum-of-powers
.operands a b
.stack r5
.entry main
.functions sum-of-powers
main:
  const r2, @sum-of-powers
  call  r2, r2, @main.back    ; sum-of-powers
main.back:
  halt
sum-of-powers:
  move  r3, r0                ; operands
  move  r4, r2                ; operands
  const r0, @sum-of-powers.then
  jez   r1, r0                ; if (= b 0)
  dec   r1, r1                ; (- b 1)
  dec   r5, r5                ; push r3
  write r5, r3
  dec   r5, r5                ; push r4
  write r5, r4
  move  r0, r3                ; (sum-of-powers a (- b 1))
  const r2, @sum-of-powers
  call  r2, r2, @sum-of-powers.back; (sum-of-powers a (- b 1))
sum-of-powers.back:
  read  r4, r5                ; pop r4
  inc   r5, r5
  read  r3, r5                ; pop r3
  inc   r5, r5
  mul   r0, r3, r0            ; (* a (sum-of-powers a (- b 1)))
  inc   r0, r0                ; (+ 1 (* a (sum-of-powers a (- b 1))))
  ret   r4                    ; return
sum-of-powers.then:
  const r0, #1                ; result 1
  ret   r4                    ; return
