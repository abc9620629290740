;;; One of the binary digits of a number.
;;;
;;; operand a (0..): a number
;;; operand b (0..): which, counted from 0, the last, on
;;; result (0..1): the digit
;;; example: (bit-at 5 0) => 1
;;; example: (bit-at 5 1) => 0
;;; example: (bit-at 5 2) => 1
;;; example: (bit-at 5 9) => 0
;;; complexity: O(min(b, log a))
;;; source: Knuth, "The Art of Computer Programming", volume 4A (2011), section 7.1.3

(define (bit-at a b)
  (modulo (shift-right a b) 2))
