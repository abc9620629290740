.program is-even
.operands a
.entry main
.functions is-even
main:
  const r1, @is-even
  call  r1, r1, @main.back    ; is-even
main.back:
  halt
is-even:
  const r2, @is-even.then
  jez   r0, r2                ; if (= a 0)
  dec   r0, r0                ; (- a 1)
  const r2, @is-even.then2
  jez   r0, r2                ; if (= a 0)
  dec   r0, r0                ; (- a 1)
  const r2, @is-even
  ret   r2                    ; to is-even: (is-even (- a 1))
is-even.then2:
  zero  r0                    ; result 0
  ret   r1                    ; return
is-even.then:
  const r0, #1                ; result 1
  ret   r1                    ; return
