;;; The digit that is left when the sum of the digits is taken again and again.
;;;
;;; operand a (0..): a number
;;; result (0..9): the digit
;;; example: (digital-root 47) => 2
;;; example: (digital-root 38) => 2
;;; example: (digital-root 9) => 9
;;; example: (digital-root 0) => 0
;;; complexity: O(log a)
;;; source: the definition: the sum of the digits, again and again

(define (digital-root a)
  (if (< a 10)
      a
      (digital-root (digit-sum a))))
