;;; The product of the whole numbers from 1 to a number, which is the number of ways to put so many things in order. On
;;; the machine it wraps around: modulo n.
;;;
;;; operand a (0..): a whole number from 0
;;; result (0..): 1 * 2 * … * a; 1 where a is 0
;;; example: (factorial 0) => 1
;;; example: (factorial 3) => 6
;;; example: (factorial 4) => 24
;;; example: (factorial 10) => 3628800
;;; complexity: O(a)
;;; source: the definition, counting down, so that the count never passes the machine's largest value

(define (factorial a)
  (do ((factor a (- factor 1))
       (product 1 (* product factor)))
      ((= factor 0) product)))
