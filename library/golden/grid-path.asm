.program grid-path
.array m 0 4 4
.reserve 64
.entry main
main:
  zero  r0                    ; 0
  const r1, #16
  write r1, r0                ; (zeros 16)
  zero  r0                    ; 0
  const r1, #17
  write r1, r0                ; (zeros 16)
  zero  r0                    ; 0
  const r1, #18
  write r1, r0                ; (zeros 16)
  zero  r0                    ; 0
  const r1, #19
  write r1, r0                ; (zeros 16)
  zero  r0                    ; 0
  const r1, #20
  write r1, r0                ; (zeros 16)
  zero  r0                    ; 0
  const r1, #21
  write r1, r0                ; (zeros 16)
  zero  r0                    ; 0
  const r1, #22
  write r1, r0                ; (zeros 16)
  zero  r0                    ; 0
  const r1, #23
  write r1, r0                ; (zeros 16)
  zero  r0                    ; 0
  const r1, #24
  write r1, r0                ; (zeros 16)
  zero  r0                    ; 0
  const r1, #25
  write r1, r0                ; (zeros 16)
  zero  r0                    ; 0
  const r1, #26
  write r1, r0                ; (zeros 16)
  zero  r0                    ; 0
  const r1, #27
  write r1, r0                ; (zeros 16)
  zero  r0                    ; 0
  const r1, #28
  write r1, r0                ; (zeros 16)
  zero  r0                    ; 0
  const r1, #29
  write r1, r0                ; (zeros 16)
  zero  r0                    ; 0
  const r1, #30
  write r1, r0                ; (zeros 16)
  zero  r0                    ; 0
  const r1, #31
  write r1, r0                ; (zeros 16)
  zero  r0
  read  r0, r0                ; (ref (ref m 0) 0)
  const r1, #1                ; 1
  sub   r0, r1, r0            ; (- 1 (ref (ref m 0) 0))
  const r1, #32
  write r1, r0                ; (update (zeros 16) 0 (- 1 (ref (ref m 0) 0)…
  const r0, #17
  read  r0, r0                ; (update (zeros 16) 0 (- 1 (ref (ref m 0) 0)…
  const r1, #33
  write r1, r0                ; (update (zeros 16) 0 (- 1 (ref (ref m 0) 0)…
  const r0, #18
  read  r0, r0                ; (update (zeros 16) 0 (- 1 (ref (ref m 0) 0)…
  const r1, #34
  write r1, r0                ; (update (zeros 16) 0 (- 1 (ref (ref m 0) 0)…
  const r0, #19
  read  r0, r0                ; (update (zeros 16) 0 (- 1 (ref (ref m 0) 0)…
  const r1, #35
  write r1, r0                ; (update (zeros 16) 0 (- 1 (ref (ref m 0) 0)…
  const r0, #20
  read  r0, r0                ; (update (zeros 16) 0 (- 1 (ref (ref m 0) 0)…
  const r1, #36
  write r1, r0                ; (update (zeros 16) 0 (- 1 (ref (ref m 0) 0)…
  const r0, #21
  read  r0, r0                ; (update (zeros 16) 0 (- 1 (ref (ref m 0) 0)…
  const r1, #37
  write r1, r0                ; (update (zeros 16) 0 (- 1 (ref (ref m 0) 0)…
  const r0, #22
  read  r0, r0                ; (update (zeros 16) 0 (- 1 (ref (ref m 0) 0)…
  const r1, #38
  write r1, r0                ; (update (zeros 16) 0 (- 1 (ref (ref m 0) 0)…
  const r0, #23
  read  r0, r0                ; (update (zeros 16) 0 (- 1 (ref (ref m 0) 0)…
  const r1, #39
  write r1, r0                ; (update (zeros 16) 0 (- 1 (ref (ref m 0) 0)…
  const r0, #24
  read  r0, r0                ; (update (zeros 16) 0 (- 1 (ref (ref m 0) 0)…
  const r1, #40
  write r1, r0                ; (update (zeros 16) 0 (- 1 (ref (ref m 0) 0)…
  const r0, #25
  read  r0, r0                ; (update (zeros 16) 0 (- 1 (ref (ref m 0) 0)…
  const r1, #41
  write r1, r0                ; (update (zeros 16) 0 (- 1 (ref (ref m 0) 0)…
  const r0, #26
  read  r0, r0                ; (update (zeros 16) 0 (- 1 (ref (ref m 0) 0)…
  const r1, #42
  write r1, r0                ; (update (zeros 16) 0 (- 1 (ref (ref m 0) 0)…
  const r0, #27
  read  r0, r0                ; (update (zeros 16) 0 (- 1 (ref (ref m 0) 0)…
  const r1, #43
  write r1, r0                ; (update (zeros 16) 0 (- 1 (ref (ref m 0) 0)…
  const r0, #28
  read  r0, r0                ; (update (zeros 16) 0 (- 1 (ref (ref m 0) 0)…
  const r1, #44
  write r1, r0                ; (update (zeros 16) 0 (- 1 (ref (ref m 0) 0)…
  const r0, #29
  read  r0, r0                ; (update (zeros 16) 0 (- 1 (ref (ref m 0) 0)…
  const r1, #45
  write r1, r0                ; (update (zeros 16) 0 (- 1 (ref (ref m 0) 0)…
  const r0, #30
  read  r0, r0                ; (update (zeros 16) 0 (- 1 (ref (ref m 0) 0)…
  const r1, #46
  write r1, r0                ; (update (zeros 16) 0 (- 1 (ref (ref m 0) 0)…
  const r0, #31
  read  r0, r0                ; (update (zeros 16) 0 (- 1 (ref (ref m 0) 0)…
  const r1, #47
  write r1, r0                ; (update (zeros 16) 0 (- 1 (ref (ref m 0) 0)…
  zero  r0                    ; reached, steps at first
main.round:
  const r1, #47
  read  r1, r1                ; (ref reached 15)
  const r2, #1                ; 1
  eq    r1, r1, r2            ; (= (ref reached 15) 1)
  const r2, @main.then
  jump  r1, r2                ; if (= (ref reached 15) 1)
  const r1, #16               ; 16
  eq    r1, r0, r1            ; (= steps 16)
  const r2, @main.then2
  jump  r1, r2                ; if (= steps 16)
  const r1, #32
  read  r1, r1                ; next, i at first
  const r2, #48
  write r2, r1                ; next, i at first
  const r1, #33
  read  r1, r1                ; next, i at first
  const r2, #49
  write r2, r1                ; next, i at first
  const r1, #34
  read  r1, r1                ; next, i at first
  const r2, #50
  write r2, r1                ; next, i at first
  const r1, #35
  read  r1, r1                ; next, i at first
  const r2, #51
  write r2, r1                ; next, i at first
  const r1, #36
  read  r1, r1                ; next, i at first
  const r2, #52
  write r2, r1                ; next, i at first
  const r1, #37
  read  r1, r1                ; next, i at first
  const r2, #53
  write r2, r1                ; next, i at first
  const r1, #38
  read  r1, r1                ; next, i at first
  const r2, #54
  write r2, r1                ; next, i at first
  const r1, #39
  read  r1, r1                ; next, i at first
  const r2, #55
  write r2, r1                ; next, i at first
  const r1, #40
  read  r1, r1                ; next, i at first
  const r2, #56
  write r2, r1                ; next, i at first
  const r1, #41
  read  r1, r1                ; next, i at first
  const r2, #57
  write r2, r1                ; next, i at first
  const r1, #42
  read  r1, r1                ; next, i at first
  const r2, #58
  write r2, r1                ; next, i at first
  const r1, #43
  read  r1, r1                ; next, i at first
  const r2, #59
  write r2, r1                ; next, i at first
  const r1, #44
  read  r1, r1                ; next, i at first
  const r2, #60
  write r2, r1                ; next, i at first
  const r1, #45
  read  r1, r1                ; next, i at first
  const r2, #61
  write r2, r1                ; next, i at first
  const r1, #46
  read  r1, r1                ; next, i at first
  const r2, #62
  write r2, r1                ; next, i at first
  const r1, #47
  read  r1, r1                ; next, i at first
  const r2, #63
  write r2, r1                ; next, i at first
  zero  r1                    ; next, i at first
main.cell:
  const r2, #16               ; 16
  eq    r2, r1, r2            ; (= i 16)
  const r3, @main.then3
  jump  r2, r3                ; if (= i 16)
  const r2, #4                ; 4
  div   r2, r1, r2            ; (quotient i 4)
  const r3, #4                ; 4
  mod   r3, r1, r3            ; (modulo i 4)
  const r4, #4                ; 4
  mul   r4, r2, r4            ; (ref m row)
  read  r5, r4                ; (ref m row)
  const r6, #16
  write r6, r5                ; (ref m row)
  const r5, #1
  add   r5, r5, r4
  read  r5, r5                ; (ref m row)
  const r6, #17
  write r6, r5                ; (ref m row)
  const r5, #2
  add   r5, r5, r4
  read  r5, r5                ; (ref m row)
  const r6, #18
  write r6, r5                ; (ref m row)
  const r5, #3
  add   r5, r5, r4
  read  r5, r5                ; (ref m row)
  const r4, #19
  write r4, r5                ; (ref m row)
  const r4, #16
  add   r4, r4, r3
  read  r4, r4                ; (ref (ref m row) column)
  const r5, @main.then4
  jez   r4, r5                ; if (= (ref (ref m row) column) 0)
  zero  r2                    ; (and (= (ref (ref m row) column) 0) (or (an…
  const r3, @main.join
  ret   r3                    ; to main.join
main.then4:
  zero  r4                    ; 0
  lt    r4, r4, r2            ; (> row 0)
  const r5, @main.then5
  jump  r4, r5                ; if (> row 0)
  zero  r4                    ; (and (> row 0) (ref reached (- i 4)))
  const r5, @main.join2
  ret   r5                    ; to main.join2
main.then5:
  const r4, #4                ; 4
  sub   r4, r1, r4            ; (- i 4)
  const r5, #32
  add   r5, r5, r4
  read  r5, r5                ; (ref reached (- i 4))
  move  r4, r5                ; (ref reached (- i 4))
main.join2:
  const r5, @main.else
  jez   r4, r5                ; unless (and (> row 0) (ref reached (- i 4)))
  move  r2, r4                ; (or (and (> row 0) (ref reached (- i 4))) (…
  const r3, @main.join
  ret   r3                    ; to main.join
main.else:
  const r4, #3                ; 3
  lt    r2, r2, r4            ; (< row 3)
  const r4, @main.then6
  jump  r2, r4                ; if (< row 3)
  zero  r2                    ; (and (< row 3) (ref reached (+ i 4)))
  const r4, @main.join3
  ret   r4                    ; to main.join3
main.then6:
  const r2, #4                ; 4
  add   r2, r1, r2            ; (+ i 4)
  const r4, #32
  add   r4, r4, r2
  read  r4, r4                ; (ref reached (+ i 4))
  move  r2, r4                ; (ref reached (+ i 4))
main.join3:
  const r4, @main.else2
  jez   r2, r4                ; unless (and (< row 3) (ref reached (+ i 4)))
  const r3, @main.join
  ret   r3                    ; to main.join
main.else2:
  zero  r2                    ; 0
  lt    r2, r2, r3            ; (> column 0)
  const r4, @main.then7
  jump  r2, r4                ; if (> column 0)
  zero  r2                    ; (and (> column 0) (ref reached (- i 1)))
  const r4, @main.join4
  ret   r4                    ; to main.join4
main.then7:
  dec   r2, r1                ; (- i 1)
  const r4, #32
  add   r4, r4, r2
  read  r4, r4                ; (ref reached (- i 1))
  move  r2, r4                ; (ref reached (- i 1))
main.join4:
  const r4, @main.else3
  jez   r2, r4                ; unless (and (> column 0) (ref reached (- i 1)))
  const r3, @main.join
  ret   r3                    ; to main.join
main.else3:
  const r2, #3                ; 3
  lt    r2, r3, r2            ; (< column 3)
  const r3, @main.then8
  jump  r2, r3                ; if (< column 3)
  zero  r2                    ; (and (< column 3) (ref reached (+ i 1)))
  const r3, @main.join
  ret   r3                    ; to main.join
main.then8:
  inc   r2, r1                ; (+ i 1)
  const r3, #32
  add   r3, r3, r2
  read  r3, r3                ; (ref reached (+ i 1))
  move  r2, r3                ; (ref reached (+ i 1))
main.join:
  const r3, @main.else4
  jez   r2, r3                ; unless (and (= (ref (ref m row) column) 0) (or (an…
  const r2, #1                ; 1
  const r3, #48
  add   r3, r3, r1
  write r3, r2                ; (update next i 1)
  inc   r1, r1                ; (+ i 1)
  const r2, @main.cell
  ret   r2                    ; to main.cell
main.else4:
  inc   r1, r1                ; (+ i 1)
  const r2, @main.cell
  ret   r2                    ; to main.cell
main.then3:
  inc   r0, r0                ; (+ steps 1)
  const r1, #48
  read  r1, r1                ; (round next (+ steps 1))
  const r2, #32
  write r2, r1                ; (round next (+ steps 1))
  const r1, #49
  read  r1, r1                ; (round next (+ steps 1))
  const r2, #33
  write r2, r1                ; (round next (+ steps 1))
  const r1, #50
  read  r1, r1                ; (round next (+ steps 1))
  const r2, #34
  write r2, r1                ; (round next (+ steps 1))
  const r1, #51
  read  r1, r1                ; (round next (+ steps 1))
  const r2, #35
  write r2, r1                ; (round next (+ steps 1))
  const r1, #52
  read  r1, r1                ; (round next (+ steps 1))
  const r2, #36
  write r2, r1                ; (round next (+ steps 1))
  const r1, #53
  read  r1, r1                ; (round next (+ steps 1))
  const r2, #37
  write r2, r1                ; (round next (+ steps 1))
  const r1, #54
  read  r1, r1                ; (round next (+ steps 1))
  const r2, #38
  write r2, r1                ; (round next (+ steps 1))
  const r1, #55
  read  r1, r1                ; (round next (+ steps 1))
  const r2, #39
  write r2, r1                ; (round next (+ steps 1))
  const r1, #56
  read  r1, r1                ; (round next (+ steps 1))
  const r2, #40
  write r2, r1                ; (round next (+ steps 1))
  const r1, #57
  read  r1, r1                ; (round next (+ steps 1))
  const r2, #41
  write r2, r1                ; (round next (+ steps 1))
  const r1, #58
  read  r1, r1                ; (round next (+ steps 1))
  const r2, #42
  write r2, r1                ; (round next (+ steps 1))
  const r1, #59
  read  r1, r1                ; (round next (+ steps 1))
  const r2, #43
  write r2, r1                ; (round next (+ steps 1))
  const r1, #60
  read  r1, r1                ; (round next (+ steps 1))
  const r2, #44
  write r2, r1                ; (round next (+ steps 1))
  const r1, #61
  read  r1, r1                ; (round next (+ steps 1))
  const r2, #45
  write r2, r1                ; (round next (+ steps 1))
  const r1, #62
  read  r1, r1                ; (round next (+ steps 1))
  const r2, #46
  write r2, r1                ; (round next (+ steps 1))
  const r1, #63
  read  r1, r1                ; (round next (+ steps 1))
  const r2, #47
  write r2, r1                ; (round next (+ steps 1))
  const r1, @main.round
  ret   r1                    ; to main.round
main.then2:
  const r0, #16               ; result 16
  halt
main.then:
  halt
