;;; A number raised to a whole power, by squaring: as many multiplications as the exponent has binary digits, and one more
;;; for each that is 1. Anything to the power 0 is 1. On the machine it wraps around: modulo n.
;;;
;;; operand a (0..): the base, a number
;;; operand b (0..): the exponent, a whole number from 0
;;; result (0..): a to the power b
;;; example: (power 2 4) => 16
;;; example: (power 3 2) => 9
;;; example: (power 5 0) => 1
;;; example: (power 0 0) => 1
;;; example: (power 1 13) => 1
;;; example: (power 3 13) => 1594323
;;; complexity: O(log b)
;;; source: the right-to-left binary method; Knuth, "The Art of Computer Programming", volume 2 (1969), section 4.6.3

(define (power a b)
  (let loop ((base a) (exponent b) (result 1))
    (if (= exponent 0)
        result
        (loop (* base base)
              (quotient exponent 2)
              (if (odd? exponent) (* result base) result)))))
