.program transitive-closure
.array m 0 4 4
.result 16 4 4
.reserve 52
.entry main
main:
  zero  r0                    ; m.2, k at first
main.by:
  const r1, #4                ; 4
  eq    r1, r0, r1            ; (= k 4)
  const r2, @main.then
  jump  r1, r2                ; if (= k 4)
  zero  r1                    ; m.3, i at first
main.from:
  const r2, #4                ; 4
  eq    r2, r1, r2            ; (= i 4)
  const r3, @main.then2
  jump  r2, r3                ; if (= i 4)
  const r2, #4                ; 4
  mul   r2, r1, r2            ; (ref m i)
  read  r3, r2                ; (ref m i)
  const r4, #32
  write r4, r3                ; (ref m i)
  const r3, #1
  add   r3, r3, r2
  read  r3, r3                ; (ref m i)
  const r4, #33
  write r4, r3                ; (ref m i)
  const r3, #2
  add   r3, r3, r2
  read  r3, r3                ; (ref m i)
  const r4, #34
  write r4, r3                ; (ref m i)
  const r3, #3
  add   r3, r3, r2
  read  r3, r3                ; (ref m i)
  const r2, #35
  write r2, r3                ; (ref m i)
  const r2, #32
  add   r2, r2, r0
  read  r2, r2                ; (ref (ref m i) k)
  const r3, @main.then3
  jez   r2, r3                ; if (= (ref (ref m i) k) 0)
  const r2, #4                ; 4
  mul   r2, r1, r2            ; (ref m i)
  read  r3, r2                ; (ref m i)
  const r4, #1
  add   r4, r4, r2
  read  r4, r4                ; (ref m i)
  const r5, #2
  add   r5, r5, r2
  read  r5, r5                ; (ref m i)
  const r6, #3
  add   r6, r6, r2
  read  r6, r6                ; (ref m i)
  const r2, #32
  write r2, r3                ; row, j at first
  const r2, #33
  write r2, r4                ; row, j at first
  const r2, #34
  write r2, r5                ; row, j at first
  const r2, #35
  write r2, r6                ; row, j at first
  zero  r2                    ; row, j at first
main.to:
  const r3, #4                ; 4
  eq    r3, r2, r3            ; (= j 4)
  const r4, @main.then4
  jump  r3, r4                ; if (= j 4)
  const r3, #4                ; 4
  mul   r3, r0, r3            ; (ref m k)
  read  r4, r3                ; (ref m k)
  const r5, #36
  write r5, r4                ; (ref m k)
  const r4, #1
  add   r4, r4, r3
  read  r4, r4                ; (ref m k)
  const r5, #37
  write r5, r4                ; (ref m k)
  const r4, #2
  add   r4, r4, r3
  read  r4, r4                ; (ref m k)
  const r5, #38
  write r5, r4                ; (ref m k)
  const r4, #3
  add   r4, r4, r3
  read  r4, r4                ; (ref m k)
  const r3, #39
  write r3, r4                ; (ref m k)
  const r3, #36
  add   r3, r3, r2
  read  r3, r3                ; (ref (ref m k) j)
  const r4, @main.else
  jez   r3, r4                ; unless (ref (ref m k) j)
  const r3, #1                ; 1
  const r4, #32
  add   r4, r4, r2
  write r4, r3                ; (update row j 1)
  inc   r2, r2                ; (+ j 1)
  const r3, @main.to
  ret   r3                    ; to main.to
main.else:
  inc   r2, r2                ; (+ j 1)
  const r3, @main.to
  ret   r3                    ; to main.to
main.then4:
  zero  r2
  read  r2, r2                ; (update m i row)
  const r3, #36
  write r3, r2                ; (update m i row)
  const r2, #1
  read  r2, r2                ; (update m i row)
  const r3, #37
  write r3, r2                ; (update m i row)
  const r2, #2
  read  r2, r2                ; (update m i row)
  const r3, #38
  write r3, r2                ; (update m i row)
  const r2, #3
  read  r2, r2                ; (update m i row)
  const r3, #39
  write r3, r2                ; (update m i row)
  const r2, #4
  read  r2, r2                ; (update m i row)
  const r3, #40
  write r3, r2                ; (update m i row)
  const r2, #5
  read  r2, r2                ; (update m i row)
  const r3, #41
  write r3, r2                ; (update m i row)
  const r2, #6
  read  r2, r2                ; (update m i row)
  const r3, #42
  write r3, r2                ; (update m i row)
  const r2, #7
  read  r2, r2                ; (update m i row)
  const r3, #43
  write r3, r2                ; (update m i row)
  const r2, #8
  read  r2, r2                ; (update m i row)
  const r3, #44
  write r3, r2                ; (update m i row)
  const r2, #9
  read  r2, r2                ; (update m i row)
  const r3, #45
  write r3, r2                ; (update m i row)
  const r2, #10
  read  r2, r2                ; (update m i row)
  const r3, #46
  write r3, r2                ; (update m i row)
  const r2, #11
  read  r2, r2                ; (update m i row)
  const r3, #47
  write r3, r2                ; (update m i row)
  const r2, #12
  read  r2, r2                ; (update m i row)
  const r3, #48
  write r3, r2                ; (update m i row)
  const r2, #13
  read  r2, r2                ; (update m i row)
  const r3, #49
  write r3, r2                ; (update m i row)
  const r2, #14
  read  r2, r2                ; (update m i row)
  const r3, #50
  write r3, r2                ; (update m i row)
  const r2, #15
  read  r2, r2                ; (update m i row)
  const r3, #51
  write r3, r2                ; (update m i row)
  const r2, #4                ; 4
  mul   r2, r1, r2            ; (update m i row)
  const r3, #32
  read  r3, r3                ; (update m i row)
  const r4, #36
  add   r4, r4, r2
  write r4, r3                ; (update m i row)
  const r3, #33
  read  r3, r3                ; (update m i row)
  const r4, #37
  add   r4, r4, r2
  write r4, r3                ; (update m i row)
  const r3, #34
  read  r3, r3                ; (update m i row)
  const r4, #38
  add   r4, r4, r2
  write r4, r3                ; (update m i row)
  const r3, #35
  read  r3, r3                ; (update m i row)
  const r4, #39
  add   r4, r4, r2
  write r4, r3                ; (update m i row)
  inc   r1, r1                ; (+ i 1)
  const r2, #36
  read  r2, r2                ; (from (update m i row) (+ i 1))
  zero  r3
  write r3, r2                ; (from (update m i row) (+ i 1))
  const r2, #37
  read  r2, r2                ; (from (update m i row) (+ i 1))
  const r3, #1
  write r3, r2                ; (from (update m i row) (+ i 1))
  const r2, #38
  read  r2, r2                ; (from (update m i row) (+ i 1))
  const r3, #2
  write r3, r2                ; (from (update m i row) (+ i 1))
  const r2, #39
  read  r2, r2                ; (from (update m i row) (+ i 1))
  const r3, #3
  write r3, r2                ; (from (update m i row) (+ i 1))
  const r2, #40
  read  r2, r2                ; (from (update m i row) (+ i 1))
  const r3, #4
  write r3, r2                ; (from (update m i row) (+ i 1))
  const r2, #41
  read  r2, r2                ; (from (update m i row) (+ i 1))
  const r3, #5
  write r3, r2                ; (from (update m i row) (+ i 1))
  const r2, #42
  read  r2, r2                ; (from (update m i row) (+ i 1))
  const r3, #6
  write r3, r2                ; (from (update m i row) (+ i 1))
  const r2, #43
  read  r2, r2                ; (from (update m i row) (+ i 1))
  const r3, #7
  write r3, r2                ; (from (update m i row) (+ i 1))
  const r2, #44
  read  r2, r2                ; (from (update m i row) (+ i 1))
  const r3, #8
  write r3, r2                ; (from (update m i row) (+ i 1))
  const r2, #45
  read  r2, r2                ; (from (update m i row) (+ i 1))
  const r3, #9
  write r3, r2                ; (from (update m i row) (+ i 1))
  const r2, #46
  read  r2, r2                ; (from (update m i row) (+ i 1))
  const r3, #10
  write r3, r2                ; (from (update m i row) (+ i 1))
  const r2, #47
  read  r2, r2                ; (from (update m i row) (+ i 1))
  const r3, #11
  write r3, r2                ; (from (update m i row) (+ i 1))
  const r2, #48
  read  r2, r2                ; (from (update m i row) (+ i 1))
  const r3, #12
  write r3, r2                ; (from (update m i row) (+ i 1))
  const r2, #49
  read  r2, r2                ; (from (update m i row) (+ i 1))
  const r3, #13
  write r3, r2                ; (from (update m i row) (+ i 1))
  const r2, #50
  read  r2, r2                ; (from (update m i row) (+ i 1))
  const r3, #14
  write r3, r2                ; (from (update m i row) (+ i 1))
  const r2, #51
  read  r2, r2                ; (from (update m i row) (+ i 1))
  const r3, #15
  write r3, r2                ; (from (update m i row) (+ i 1))
  const r2, @main.from
  ret   r2                    ; to main.from
main.then3:
  inc   r1, r1                ; (+ i 1)
  const r2, @main.from
  ret   r2                    ; to main.from
main.then2:
  inc   r0, r0                ; (+ k 1)
  const r1, @main.by
  ret   r1                    ; to main.by
main.then:
  zero  r0
  read  r0, r0                ; result m
  const r1, #16
  write r1, r0                ; result m
  const r0, #1
  read  r0, r0                ; result m
  const r1, #17
  write r1, r0                ; result m
  const r0, #2
  read  r0, r0                ; result m
  const r1, #18
  write r1, r0                ; result m
  const r0, #3
  read  r0, r0                ; result m
  const r1, #19
  write r1, r0                ; result m
  const r0, #4
  read  r0, r0                ; result m
  const r1, #20
  write r1, r0                ; result m
  const r0, #5
  read  r0, r0                ; result m
  const r1, #21
  write r1, r0                ; result m
  const r0, #6
  read  r0, r0                ; result m
  const r1, #22
  write r1, r0                ; result m
  const r0, #7
  read  r0, r0                ; result m
  const r1, #23
  write r1, r0                ; result m
  const r0, #8
  read  r0, r0                ; result m
  const r1, #24
  write r1, r0                ; result m
  const r0, #9
  read  r0, r0                ; result m
  const r1, #25
  write r1, r0                ; result m
  const r0, #10
  read  r0, r0                ; result m
  const r1, #26
  write r1, r0                ; result m
  const r0, #11
  read  r0, r0                ; result m
  const r1, #27
  write r1, r0                ; result m
  const r0, #12
  read  r0, r0                ; result m
  const r1, #28
  write r1, r0                ; result m
  const r0, #13
  read  r0, r0                ; result m
  const r1, #29
  write r1, r0                ; result m
  const r0, #14
  read  r0, r0                ; result m
  const r1, #30
  write r1, r0                ; result m
  const r0, #15
  read  r0, r0                ; result m
  const r1, #31
  write r1, r0                ; result m
  const r0, #16               ; result m
  halt
