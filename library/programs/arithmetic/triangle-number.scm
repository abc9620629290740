;;; The sum of the whole numbers from 1 to a. Of a and a + 1 the even one is halved first, so that only the result can
;;; be too large: on the machine it wraps around.
;;;
;;; operand a (0..): the last number of the sum
;;; result (0..): 1 + 2 + … + a
;;; example: (triangle-number 4) => 10
;;; example: (triangle-number 7) => 28
;;; example: (triangle-number 0) => 0
;;; complexity: O(1)
;;; source: Euclid, Elements, book IX, proposition 35 (about 300 BC), of which it is a case

(define (triangle-number a)
  (if (even? a)
      (* (quotient a 2) (+ a 1))
      (* a (+ (quotient a 2) 1))))
