;;; A number with zeros put after its binary digits: doubled again and again. On the machine it wraps around.
;;;
;;; operand a (0..): a number
;;; operand b (0..): how many zeros
;;; result (0..): a times 2 to the power b
;;; example: (shift-left 3 2) => 12
;;; example: (shift-left 5 0) => 5
;;; example: (shift-left 1 4) => 16
;;; complexity: O(b)
;;; source: Knuth, "The Art of Computer Programming", volume 4A (2011), section 7.1.3

(define (shift-left a b)
  (if (= b 0)
      a
      (shift-left (+ a a) (- b 1))))
