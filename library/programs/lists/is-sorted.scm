;;; Whether no number of a list is less than the one before it.
;;;
;;; operand v (6 of 0..): the numbers
;;; result (0..1): 1 if they ascend, else 0
;;; example: (is-sorted [1 2 2 5 7 9]) => 1
;;; example: (is-sorted [1 2 5 2 7 9]) => 0
;;; complexity: O(n)
;;; source: the definition: neighbours are compared

(define (is-sorted v)
  (let loop ((i 1))
    (cond ((= i (vlen v)) 1)
          ((< (ref v i) (ref v (- i 1))) 0)
          (else (loop (+ i 1))))))
