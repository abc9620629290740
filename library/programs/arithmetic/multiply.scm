;;; The product of two numbers. On the machine it wraps around: modulo n.
;;;
;;; operand a (0..): a number
;;; operand b (0..): the number it is multiplied by
;;; result (0..): a * b
;;; example: (multiply 3 4) => 12
;;; example: (multiply 9 0) => 0
;;; example: (multiply 7 1) => 7
;;; example: (multiply 12 12) => 144
;;; complexity: O(1)
;;; source: an instruction of the machine in "Algorithmic Language Models with Neurally Compiled Libraries" (2024)

(define (multiply a b) (* a b))
