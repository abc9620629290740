;;; The larger of two numbers.
;;;
;;; operand a: a number
;;; operand b: a number
;;; result: a where a is larger, otherwise b
;;; example: (max 3 9) => 9
;;; example: (max 9 3) => 9
;;; example: (max 5 5) => 5
;;; complexity: O(1)
;;; source: one comparison and a branch

(define (max a b) (if (< a b) b a))
