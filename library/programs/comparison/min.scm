;;; The smaller of two numbers.
;;;
;;; operand a (0..): a number
;;; operand b (0..): a number
;;; result (0..): a where a is smaller, otherwise b
;;; example: (min 3 9) => 3
;;; example: (min 9 3) => 3
;;; example: (min 5 5) => 5
;;; complexity: O(1)
;;; source: one comparison and a branch

(define (min a b) (if (< b a) b a))
