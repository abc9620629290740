;;; Whether a number is a prime, by trial division up to its square root.
;;;
;;; operand a (0..): a number
;;; result (0..1): 1 if a is a prime, else 0
;;; example: (is-prime 7) => 1
;;; example: (is-prime 9) => 0
;;; example: (is-prime 2) => 1
;;; example: (is-prime 1) => 0
;;; complexity: O(sqrt a)
;;; source: Leonardo of Pisa, Liber abaci (1202)

(define (is-prime a)
  (if (< a 2)
      0
      (let loop ((divisor 2))
        (cond ((< (quotient a divisor) divisor) 1)
              ((= (modulo a divisor) 0) 0)
              (else (loop (+ divisor 1)))))))
