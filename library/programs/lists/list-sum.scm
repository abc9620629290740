;;; The sum of the numbers of a list. On the machine it wraps around.
;;;
;;; operand v (6 of 0..): the numbers
;;; result (0..): their sum
;;; example: (list-sum [1 2 3 4 0 5]) => 15
;;; example: (list-sum [0 0 0 0 0 0]) => 0
;;; complexity: O(n)
;;; source: Iverson, A Programming Language (1962), whose reduction it is

(define (list-sum v)
  (let loop ((i 0) (result 0))
    (if (= i (vlen v))
        result
        (loop (+ i 1) (+ result (ref v i))))))
