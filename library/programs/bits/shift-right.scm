;;; A number without its last binary digits: halved again and again.
;;;
;;; operand a (0..): a number
;;; operand b (0..): how many digits are dropped
;;; result (0..): a divided by 2 to the power b, rounded down
;;; example: (shift-right 12 2) => 3
;;; example: (shift-right 13 1) => 6
;;; example: (shift-right 5 9) => 0
;;; complexity: O(min(b, log a))
;;; source: Knuth, "The Art of Computer Programming", volume 4A (2011), section 7.1.3

(define (shift-right a b)
  (if (or (= b 0) (= a 0))
      a
      (shift-right (quotient a 2) (- b 1))))
