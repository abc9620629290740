;;; The square root of a number, rounded down: how many odd numbers 1, 3, 5, … can be taken from it.
;;;
;;; operand a (0..): a number
;;; result (0..): the greatest whole number whose square is not above a
;;; example: (integer-square-root 10) => 3
;;; example: (integer-square-root 16) => 4
;;; example: (integer-square-root 0) => 0
;;; complexity: O(sqrt a)
;;; source: a square is a sum of odd numbers: Nicomachus of Gerasa, Introduction to Arithmetic (about 100)

(define (integer-square-root a)
  (let loop ((root 0) (rest a) (odd 1))
    (if (< rest odd)
        root
        (loop (+ root 1) (- rest odd) (+ odd 2)))))
