.program kth-smallest
.operands k
.array v 0 6
.reserve 6
.entry main
main:
  zero  r1                    ; i at first
main.candidate:
  zero  r2                    ; j, before at first
  zero  r3                    ; j, before at first
main.count:
  const r4, #6                ; 6
  lt    r4, r2, r4            ; (< j (vlen v))
  const r5, @main.then
  jump  r4, r5                ; if (< j (vlen v))
  const r2, #6                ; 6
  mod   r2, r0, r2            ; (modulo k (vlen v))
  eq    r2, r3, r2            ; (= before (modulo k (vlen v)))
  const r3, @main.then2
  jump  r2, r3                ; if (= before (modulo k (vlen v)))
  inc   r1, r1                ; (+ i 1)
  const r2, @main.candidate
  ret   r2                    ; to main.candidate
main.then2:
  read  r0, r1                ; (ref v i)
  halt
main.then:
  inc   r4, r2                ; (+ j 1)
  read  r5, r2                ; (ref v j)
  read  r6, r1                ; (ref v i)
  lt    r5, r5, r6            ; (< (ref v j) (ref v i))
  const r6, @main.then3
  jump  r5, r6                ; if (< (ref v j) (ref v i))
  read  r5, r2                ; (ref v j)
  read  r6, r1                ; (ref v i)
  eq    r5, r5, r6            ; (= (ref v j) (ref v i))
  const r6, @main.then4
  jump  r5, r6                ; if (= (ref v j) (ref v i))
  zero  r5                    ; (and (= (ref v j) (ref v i)) (< j i))
  const r2, @main.join
  ret   r2                    ; to main.join
main.then4:
  lt    r5, r2, r1            ; (< j i)
  const r2, @main.join
  ret   r2                    ; to main.join
main.then3:
main.join:
  add   r3, r3, r5            ; (+ before (or (< (ref v j) (ref v i)) (and…
  move  r2, r4                ; (count (+ j 1) (+ before (or (< (ref v j) (…
  const r4, @main.count
  ret   r4                    ; to main.count
