;;; Which of two numbers is the greater.
;;;
;;; operand a (0..): a number
;;; operand b (0..): a number
;;; result (0..2): 0 if a is less than b, 1 if they are equal, 2 if it is greater
;;; example: (compare 3 5) => 0
;;; example: (compare 4 4) => 1
;;; example: (compare 9 2) => 2
;;; complexity: O(1)
;;; source: the sum of two comparisons

(define (compare a b)
  (+ (>= a b) (> a b)))
