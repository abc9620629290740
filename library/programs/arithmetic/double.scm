;;; Twice a number. On the machine it wraps around: modulo n.
;;;
;;; operand a (0..): a number
;;; result (0..): 2 * a
;;; example: (double 0) => 0
;;; example: (double 7) => 14
;;; complexity: O(1)
;;; source: a number added to itself

(define (double a) (+ a a))
