;;; The least factor of a number that is above 1: the number itself if it is a prime. Of 0 and 1 it is the number too.
;;;
;;; operand a (0..): a number
;;; result (0..): its least factor above 1
;;; example: (smallest-factor 15) => 3
;;; example: (smallest-factor 13) => 13
;;; example: (smallest-factor 8) => 2
;;; example: (smallest-factor 1) => 1
;;; complexity: O(sqrt a)
;;; source: Euclid, Elements, book VII, proposition 31 (about 300 BC)

(define (smallest-factor a)
  (let loop ((divisor 2))
    (cond ((< (quotient a divisor) divisor) a)
          ((= (modulo a divisor) 0) divisor)
          (else (loop (+ divisor 1))))))
