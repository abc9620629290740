.program queens
.operands a
.reserve 6
.entry main
main:
  zero  r1                    ; 0
  zero  r2
  write r2, r1                ; columns.1, row.1, column.1, count at first
  zero  r1                    ; 0
  const r2, #1
  write r2, r1                ; columns.1, row.1, column.1, count at first
  zero  r1                    ; 0
  const r2, #2
  write r2, r1                ; columns.1, row.1, column.1, count at first
  zero  r1                    ; 0
  const r2, #3
  write r2, r1                ; columns.1, row.1, column.1, count at first
  zero  r1                    ; 0
  const r2, #4
  write r2, r1                ; columns.1, row.1, column.1, count at first
  zero  r1                    ; 0
  const r2, #5
  write r2, r1                ; columns.1, row.1, column.1, count at first
  zero  r1                    ; columns.1, row.1, column.1, count at first
  zero  r2                    ; columns.1, row.1, column.1, count at first
  zero  r3                    ; columns.1, row.1, column.1, count at first
main.search:
  eq    r4, r1, r0            ; (= row a)
  const r5, @main.then
  jump  r4, r5                ; if (= row a)
  lt    r4, r2, r0            ; (< column a)
  const r5, @main.then2
  jump  r4, r5                ; if (< column a)
  const r2, @main.then3
  jez   r1, r2                ; if (= row 0)
  dec   r4, r1                ; (- row 1)
  dec   r1, r1                ; (- row 1)
  read  r2, r1                ; (ref columns (- row 1))
  inc   r2, r2                ; (+ (ref columns (- row 1)) 1)
  move  r1, r4                ; (search columns (- row 1) (+ (ref columns (…
  const r4, @main.search
  ret   r4                    ; to main.search
main.then3:
  move  r0, r3                ; result count
  halt
main.then2:
  zero  r4                    ; i at first
main.loop:
  eq    r5, r4, r1            ; (= i row)
  const r6, @main.then4
  jump  r5, r6                ; if (= i row)
  read  r5, r4                ; (ref columns i)
  eq    r6, r5, r2            ; (= other column)
  const r7, @main.then5
  jump  r6, r7                ; if (= other column)
  sub   r6, r1, r4            ; (- row i)
  add   r6, r5, r6            ; (+ other (- row i))
  eq    r6, r6, r2            ; (= (+ other (- row i)) column)
  const r7, @main.then6
  jump  r6, r7                ; if (= (+ other (- row i)) column)
  sub   r6, r1, r4            ; (- row i)
  add   r6, r2, r6            ; (+ column (- row i))
  eq    r5, r6, r5            ; (= (+ column (- row i)) other)
  const r6, @main.join2
  ret   r6                    ; to main.join2
main.then6:
  move  r5, r6                ; (or (= other column) (= (+ other (- row i))…
  const r6, @main.join2
  ret   r6                    ; to main.join2
main.then5:
  move  r5, r6                ; (or (= other column) (= (+ other (- row i))…
main.join2:
  const r6, @main.else
  jez   r5, r6                ; unless (or (= other column) (= (+ other (- row i))…
  zero  r4                    ; 0
  const r5, @main.join
  ret   r5                    ; to main.join
main.else:
  inc   r4, r4                ; (+ i 1)
  const r5, @main.loop
  ret   r5                    ; to main.loop
main.then4:
  const r4, #1                ; 1
main.join:
  const r5, #1                ; 1
  eq    r4, r4, r5            ; (= (is-free columns row column) 1)
  const r5, @main.then7
  jump  r4, r5                ; if (= (is-free columns row column) 1)
  inc   r2, r2                ; (+ column 1)
  const r4, @main.search
  ret   r4                    ; to main.search
main.then7:
  write r1, r2                ; (update columns row column)
  inc   r1, r1                ; (+ row 1)
  zero  r2                    ; (search (update columns row column) (+ row…
  const r4, @main.search
  ret   r4                    ; to main.search
main.then:
  const r2, @main.then8
  jez   r0, r2                ; if (= a 0)
  dec   r4, r1                ; (- row 1)
  dec   r1, r1                ; (- row 1)
  read  r2, r1                ; (ref columns (- row 1))
  inc   r2, r2                ; (+ (ref columns (- row 1)) 1)
  inc   r3, r3                ; (+ count 1)
  move  r1, r4                ; (search columns (- row 1) (+ (ref columns (…
  const r4, @main.search
  ret   r4                    ; to main.search
main.then8:
  const r0, #1                ; result 1
  halt
