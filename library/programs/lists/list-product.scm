;;; The product of the numbers of a list. On the machine it wraps around.
;;;
;;; operand v (6 of 0..): the numbers
;;; result (0..): their product
;;; example: (list-product [1 2 3 1 1 4]) => 24
;;; example: (list-product [3 0 2 1 1 1]) => 0
;;; complexity: O(n)
;;; source: Iverson, A Programming Language (1962), whose reduction it is

(define (list-product v)
  (let loop ((i 0) (result 1))
    (if (= i (vlen v))
        result
        (loop (+ i 1) (* result (ref v i))))))
