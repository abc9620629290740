;;; How many times one whole number goes into another, by taking it away for as long as it can be. Dividing by 0 gives 0.
;;;
;;; operand a (0..): the dividend, a whole number from 0
;;; operand b (0..): the divisor, a whole number from 0
;;; result (0..): the whole part of a / b; 0 where b is 0
;;; example: (quotient 14 4) => 3
;;; example: (quotient 15 5) => 3
;;; example: (quotient 3 4) => 0
;;; example: (quotient 9 0) => 0
;;; complexity: O(a / b)
;;; source: division by repeated subtraction; Euclid, Elements, book VII (about 300 BC)

(define (quotient a b)
  (if (= b 0)
      0
      (do ((rest a (- rest b))
           (count 0 (+ count 1)))
          ((< rest b) count))))
