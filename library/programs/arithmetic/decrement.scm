;;; The number before a number. On the machine the one before 0 is n - 1.
;;;
;;; operand a (0..): a number
;;; result: a - 1
;;; example: (decrement 10) => 9
;;; example: (decrement 1) => 0
;;; example: (decrement 0) => -1
;;; complexity: O(1)
;;; source: an instruction of the machine in "Adaptive Neural Compilation" (2016)

(define (decrement a) (- a 1))
