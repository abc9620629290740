;;; What remains of one whole number when another is taken away for as long as it can be. Dividing by 0 leaves 0, as the
;;; machine's own division does.
;;;
;;; operand a (0..): the dividend, a whole number from 0
;;; operand b (0..): the divisor, a whole number from 0
;;; result (0..): a - b * quotient(a, b), from 0 to b - 1; 0 where b is 0
;;; example: (remainder 14 4) => 2
;;; example: (remainder 15 5) => 0
;;; example: (remainder 3 4) => 3
;;; example: (remainder 9 0) => 0
;;; complexity: O(1)
;;; source: division with remainder; Euclid, Elements, book VII (about 300 BC)

(define (remainder a b)
  (if (= b 0) 0 (modulo a b)))
