;;; The greatest common divisor of two whole numbers: the largest that divides both. With 0 it is the other number.
;;;
;;; operand a (0..): a whole number from 0
;;; operand b (0..): a whole number from 0
;;; result (0..): the largest whole number that divides a and b; 0 where both are 0
;;; example: (gcd 12 8) => 4
;;; example: (gcd 7 5) => 1
;;; example: (gcd 0 9) => 9
;;; example: (gcd 9 0) => 9
;;; example: (gcd 0 0) => 0
;;; complexity: O(log min(a, b))
;;; source: Euclid, Elements, book VII, proposition 2 (about 300 BC)

(define (gcd a b)
  (if (= b 0) a (gcd b (modulo a b))))
