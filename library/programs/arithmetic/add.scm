;;; The sum of two numbers. On the machine it wraps around: modulo n.
;;;
;;; operand a: a number
;;; operand b: the number added to it
;;; result: a + b
;;; example: (add 3 4) => 7
;;; example: (add 0 0) => 0
;;; example: (add 12 9) => 21
;;; complexity: O(1)
;;; source: an instruction of the machine in "Adaptive Neural Compilation" (2016)

(define (add a b) (+ a b))
