;;; Whether one number is a multiple of another. Of 0 only 0 is.
;;;
;;; operand a (0..): a number
;;; operand b (0..): a number
;;; result (0..1): 1 if b divides a, else 0
;;; example: (is-multiple 12 4) => 1
;;; example: (is-multiple 13 4) => 0
;;; example: (is-multiple 0 5) => 1
;;; example: (is-multiple 5 0) => 0
;;; complexity: O(1)
;;; source: Euclid, Elements, book VII, definition 5 (about 300 BC)

(define (is-multiple a b)
  (if (= b 0)
      (= a 0)
      (= (modulo a b) 0)))
