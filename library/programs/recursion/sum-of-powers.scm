;;; The sum of a number to the powers 0, 1, …, b: 1 and the number times the sum for one power less. On the machine it
;;; wraps around.
;;;
;;; operand a (0..): a number
;;; operand b (0..6): the greatest power
;;; result (1..): 1 + a + … + a to the power b
;;; example: (sum-of-powers 2 3) => 15
;;; example: (sum-of-powers 3 2) => 13
;;; example: (sum-of-powers 5 0) => 1
;;; complexity: O(b)
;;; source: Horner, A new method of solving numerical equations of all orders (1819)

(define (sum-of-powers a b)
  (if (= b 0)
      1
      (+ 1 (* a (sum-of-powers a (- b 1))))))
