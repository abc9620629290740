;;; The number after a number. On the machine the one after n - 1 is 0.
;;;
;;; operand a (0..): a number
;;; result (0..): a + 1
;;; example: (increment 0) => 1
;;; example: (increment 9) => 10
;;; complexity: O(1)
;;; source: an instruction of the machine in "Adaptive Neural Compilation" (2016)

(define (increment a) (+ a 1))
