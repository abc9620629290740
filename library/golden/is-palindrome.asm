.program is-palindrome
.array v 0 6
.reserve 6
.entry main
main:
  const r0, #6                ; 6
  dec   r0, r0                ; (- (vlen v) 1)
  zero  r1                    ; i, j at first
main.loop:
  lt    r2, r1, r0            ; (>= i j)
  const r3, @main.else
  jump  r2, r3                ; unless (>= i j)
  const r0, #1                ; result 1
  halt
main.else:
  read  r2, r1                ; (ref v i)
  read  r3, r0                ; (ref v j)
  eq    r2, r2, r3            ; (= (ref v i) (ref v j))
  const r3, @main.then
  jump  r2, r3                ; if (= (ref v i) (ref v j))
  zero  r0                    ; result 0
  halt
main.then:
  inc   r1, r1                ; (+ i 1)
  dec   r0, r0                ; (- j 1)
  const r2, @main.loop
  ret   r2                    ; to main.loop
