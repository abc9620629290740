;;; Whether a number is even: it is if the one before it is odd. Two functions call each other.
;;;
;;; operand a (0..): a number
;;; result (0..1): 1 if it is even, else 0
;;; example: (is-even 6) => 1
;;; example: (is-even 7) => 0
;;; example: (is-even 0) => 1
;;; complexity: O(a)
;;; source: an example of letrec in the Revised Report on the Algorithmic Language Scheme, R7RS (2013)

(define (is-even a)
  (if (= a 0) 1 (is-odd (- a 1))))

(define (is-odd a)
  (if (= a 0) 0 (is-even (- a 1))))
