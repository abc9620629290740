;;; A term of the sequence that begins with two given numbers and in which each further term is the sum of the two before
;;; it. From 0 and 1 it is the sequence of Fibonacci, from 2 and 1 that of Lucas. On the machine it wraps around: modulo n.
;;;
;;; operand a (0..): the first term, a number
;;; operand b (0..): the second term, a number
;;; operand depth (0..): how far to go, a whole number from 0; 0 is the first term
;;; result (0..): the term at that depth
;;; example: (fibonacci 0 1 0) => 0
;;; example: (fibonacci 0 1 1) => 1
;;; example: (fibonacci 0 1 7) => 13
;;; example: (fibonacci 2 1 4) => 7
;;; example: (fibonacci 3 5 0) => 3
;;; example: (fibonacci 0 1 30) => 832040
;;; complexity: O(depth)
;;; source: Leonardo of Pisa, Liber Abaci (1202); two terms are kept, so that it takes depth additions and no stack

(define (fibonacci a b depth)
  (if (= depth 0)
      a
      (fibonacci b (+ a b) (- depth 1))))
