.program count-distinct
.array v 0 6
.reserve 6
.entry main
main:
  zero  r0                    ; i, count at first
  zero  r1                    ; i, count at first
main.loop:
  const r2, #6                ; 6
  eq    r2, r0, r2            ; (= i (vlen v))
  const r3, @main.then
  jump  r2, r3                ; if (= i (vlen v))
  inc   r2, r0                ; (+ i 1)
main.later:
  const r3, #6                ; 6
  eq    r3, r2, r3            ; (= j (vlen v))
  const r4, @main.then2
  jump  r3, r4                ; if (= j (vlen v))
  read  r3, r0                ; (ref v i)
  read  r4, r2                ; (ref v j)
  eq    r3, r3, r4            ; (= (ref v i) (ref v j))
  const r4, @main.then3
  jump  r3, r4                ; if (= (ref v i) (ref v j))
  inc   r2, r2                ; (+ j 1)
  const r3, @main.later
  ret   r3                    ; to main.later
main.then3:
  inc   r0, r0                ; (+ i 1)
  const r2, @main.loop
  ret   r2                    ; to main.loop
main.then2:
  inc   r0, r0                ; (+ i 1)
  inc   r1, r1                ; (+ count 1)
  const r2, @main.loop
  ret   r2                    ; to main.loop
main.then:
  move  r0, r1                ; result count
  halt
