;;; The sum of two numbers. On the machine it wraps around: modulo n.
;;;
;;; operand a (0..): a number
;;; operand b (0..): the number added to it
;;; result (0..): a + b
;;; example: (add 3 4) => 7
;;; example: (add 0 0) => 0
;;; example: (add 12 9) => 21
;;; complexity: O(1)
;;; source: an instruction of the machine in "Adaptive Neural Compilation" (2016)

(define (add a b) (+ a b))
