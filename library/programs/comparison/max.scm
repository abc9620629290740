;;; The larger of two numbers.
;;;
;;; operand a (0..): a number
;;; operand b (0..): a number
;;; result (0..): a where a is larger, otherwise b
;;; example: (max 3 9) => 9
;;; example: (max 9 3) => 9
;;; example: (max 5 5) => 5
;;; complexity: O(1)
;;; source: one comparison and a branch

(define (max a b) (if (< a b) b a))
