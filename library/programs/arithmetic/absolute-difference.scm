;;; How far apart two numbers are: the greater less the smaller.
;;;
;;; operand a (0..): a number
;;; operand b (0..): a number
;;; result (0..): the distance between a and b
;;; example: (absolute-difference 3 8) => 5
;;; example: (absolute-difference 8 3) => 5
;;; example: (absolute-difference 4 4) => 0
;;; complexity: O(1)
;;; source: the definition, by one comparison

(define (absolute-difference a b)
  (if (< a b) (- b a) (- a b)))
