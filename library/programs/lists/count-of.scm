;;; How often a number stands in a list.
;;;
;;; operand v (6 of 0..): the numbers
;;; operand x (0..): the number looked for
;;; result (0..6): how many of the list are equal to x
;;; example: (count-of [3 1 4 1 5 2] 1) => 2
;;; example: (count-of [3 1 4 1 5 2] 9) => 0
;;; complexity: O(n)
;;; source: the definition, in one pass

(define (count-of v x)
  (let loop ((i 0) (count 0))
    (if (= i (vlen v))
        count
        (loop (+ i 1) (+ count (= (ref v i) x))))))
