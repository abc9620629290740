.program compare
.operands a b
.entry main
main:
  lt    r2, r0, r1            ; (>= a b)
  not   r2, r2                ; (>= a b)
  lt    r0, r1, r0            ; (> a b)
  add   r0, r2, r0            ; (+ (>= a b) (> a b))
  halt
