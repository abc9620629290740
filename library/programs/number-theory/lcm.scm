;;; The least common multiple of two whole numbers; 0 where one of them is 0. It is divided before it is multiplied; on
;;; the machine it wraps around where it is not below n.
;;;
;;; operand a (0..): a whole number
;;; operand b (0..): a whole number
;;; result (0..): the least number that both divide
;;; example: (lcm 4 6) => 12
;;; example: (lcm 7 3) => 21
;;; example: (lcm 5 5) => 5
;;; example: (lcm 0 3) => 0
;;; complexity: O(log min(a, b))
;;; source: Euclid, Elements, book VII, proposition 34 (about 300 BC)

(define (divisor a b)
  (if (= b 0) a (divisor b (modulo a b))))

(define (lcm a b)
  (if (= a 0)
      0
      (* (quotient a (divisor a b)) b)))
