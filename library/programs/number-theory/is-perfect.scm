;;; Whether a number is perfect: the sum of the divisors that are less than it.
;;;
;;; operand a (0..): a number
;;; result (0..1): 1 if a is perfect, else 0
;;; example: (is-perfect 6) => 1
;;; example: (is-perfect 28) => 1
;;; example: (is-perfect 12) => 0
;;; example: (is-perfect 0) => 0
;;; complexity: O(a)
;;; source: Euclid, Elements, book VII, definition 22 (about 300 BC)

(define (is-perfect a)
  (and (> a 0) (= (divisor-sum a) a)))
