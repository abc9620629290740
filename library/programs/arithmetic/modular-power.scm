;;; A number raised to a whole power, modulo another, by squaring. On the machine it is right while the square of m - 1
;;; is below n; m is bounded so that on the exact path it always is.
;;;
;;; operand a (0..): the base
;;; operand b (0..): the exponent
;;; operand m (1..94906266): the modulus
;;; result (0..): the remainder of a to the power b divided by m
;;; example: (modular-power 2 10 7) => 2
;;; example: (modular-power 3 4 5) => 1
;;; example: (modular-power 5 0 6) => 1
;;; example: (modular-power 5 3 1) => 0
;;; complexity: O(log b)
;;; source: the right-to-left binary method; Knuth, "The Art of Computer Programming", volume 2 (1969), section 4.6.3

(define (modular-power a b m)
  (let loop ((base (modulo a m)) (exponent b) (result (modulo 1 m)))
    (if (= exponent 0)
        result
        (loop (modulo (* base base) m)
              (quotient exponent 2)
              (if (odd? exponent) (modulo (* result base) m) result)))))
