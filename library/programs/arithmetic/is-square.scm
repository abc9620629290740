;;; Whether a number is the square of a whole number: whether nothing is left when the odd numbers 1, 3, 5, … are taken
;;; from it as long as they can be.
;;;
;;; operand a (0..): a number
;;; result (0..1): 1 if a is a square, else 0
;;; example: (is-square 9) => 1
;;; example: (is-square 10) => 0
;;; example: (is-square 0) => 1
;;; complexity: O(sqrt a)
;;; source: a square is a sum of odd numbers: Nicomachus of Gerasa, Introduction to Arithmetic (about 100)

(define (is-square a)
  (let loop ((rest a) (odd 1))
    (if (< rest odd)
        (= rest 0)
        (loop (- rest odd) (+ odd 2)))))
