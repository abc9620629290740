;;; Whether a number is in a range, its ends included.
;;;
;;; operand a (0..): a number
;;; operand low (0..): the least number of the range
;;; operand high (0..): the greatest
;;; result (0..1): 1 if it is, else 0
;;; example: (is-between 5 3 8) => 1
;;; example: (is-between 3 3 8) => 1
;;; example: (is-between 9 3 8) => 0
;;; complexity: O(1)
;;; source: the definition

(define (is-between a low high)
  (<= low a high))
