;;; A number brought into a range: the end that it is beyond, if it is.
;;;
;;; operand a (0..): a number
;;; operand low (0..): the least that it may be
;;; operand high (0..): the greatest that it may be, at least low
;;; result (0..): the number of the range that is nearest to a
;;; example: (clamp 3 5 9) => 5
;;; example: (clamp 12 5 9) => 9
;;; example: (clamp 7 5 9) => 7
;;; complexity: O(1)
;;; source: the definition, by the lesser and the greater of two numbers

(define (clamp a low high)
  (min (max a low) high))
