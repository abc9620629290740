;;; How many times one whole number goes into another, by how many times its double does: twice that, or one more. Dividing
;;; by 0 gives 0.
;;;
;;; operand a (0..): the dividend, a whole number from 0
;;; operand b (0..): the divisor, a whole number from 0
;;; result (0..): the whole part of a / b; 0 where b is 0
;;; example: (quotient 14 4) => 3
;;; example: (quotient 15 5) => 3
;;; example: (quotient 3 4) => 0
;;; example: (quotient 9 0) => 0
;;; complexity: O(log(a / b))
;;; source: division by doubling, as in the Rhind papyrus (about 1550 BC)

(define (quotient a b)
  (cond ((= b 0) 0)
        ((< a b) 0)
        ; The double might be more than the machine holds.
        ((< (- a b) b) 1)
        (else
         (let ((twice (* 2 (quotient a (+ b b)))))
           (if (< (- a (* twice b)) b) twice (+ twice 1))))))
