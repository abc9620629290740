;;; The sum of the products of the numbers of two lists that stand at one place. On the machine it wraps around.
;;;
;;; operand v (4 of 0..): the numbers
;;; operand w (4 of 0..): as many others
;;; result (0..): the sum of the products
;;; example: (dot-product [1 2 3 4] [4 3 2 1]) => 20
;;; example: (dot-product [1 0 0 0] [7 8 9 9]) => 7
;;; complexity: O(n)
;;; source: Iverson, A Programming Language (1962), whose inner product it is

(define (dot-product v w)
  (dot v w))
