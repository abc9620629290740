;;; Whether two numbers have no common factor but 1.
;;;
;;; operand a (0..): a number
;;; operand b (0..): a number
;;; result (0..1): 1 if they have none, else 0
;;; example: (is-coprime 8 9) => 1
;;; example: (is-coprime 6 9) => 0
;;; example: (is-coprime 1 0) => 1
;;; complexity: O(log min(a, b))
;;; source: Euclid, Elements, book VII, proposition 1 (about 300 BC)

(define (is-coprime a b)
  (if (= b 0)
      (= a 1)
      (is-coprime b (modulo a b))))
