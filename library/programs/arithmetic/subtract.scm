;;; The difference of two numbers. On the machine it wraps around: (subtract 0 1) is n - 1 there, and -1 on the exact
;;; path.
;;;
;;; operand a (0..): a number
;;; operand b (0..): the number taken away from it
;;; result: a - b
;;; example: (subtract 9 4) => 5
;;; example: (subtract 7 7) => 0
;;; example: (subtract 0 1) => -1
;;; complexity: O(1)
;;; source: an instruction of the machine in "Adaptive Neural Compilation" (2016)

(define (subtract a b) (- a b))
