;;; The mean of two numbers, rounded down. No sum of the two is formed, so that nothing overflows.
;;;
;;; operand a (0..): a number
;;; operand b (0..): a number
;;; result (0..): the greatest whole number that is not above their mean
;;; example: (average 4 8) => 6
;;; example: (average 8 5) => 6
;;; example: (average 0 1) => 0
;;; complexity: O(1)
;;; source: Bloch, Nearly all binary searches and mergesorts are broken (2006), whose mean it is

(define (average a b)
  (if (< a b)
      (+ a (quotient (- b a) 2))
      (+ b (quotient (- a b) 2))))
