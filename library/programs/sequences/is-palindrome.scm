;;; Whether a list is the same from its end.
;;;
;;; operand v (6 of 0..): the numbers
;;; result (0..1): 1 if it is, else 0
;;; example: (is-palindrome [1 2 3 3 2 1]) => 1
;;; example: (is-palindrome [1 2 3 2 1 0]) => 0
;;; complexity: O(n)
;;; source: the definition, from both ends inwards

(define (is-palindrome v)
  (let loop ((i 0) (j (- (vlen v) 1)))
    (cond ((>= i j) 1)
          ((= (ref v i) (ref v j)) (loop (+ i 1) (- j 1)))
          (else 0))))
