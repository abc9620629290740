;;; In how many ways a number is a sum of numbers above 0, in whatever order. The ways without a part, and those with
;;; one more of it.
;;;
;;; operand a (0..10): a number
;;; result (1..): the number of ways
;;; example: (partitions 4) => 5
;;; example: (partitions 7) => 15
;;; example: (partitions 0) => 1
;;; complexity: O(a^2)
;;; source: Euler, Introductio in analysin infinitorum (1748), chapter 16

(define (partitions a)
  (let next-part ((ways (update (zeros 11) 0 1)) (part 1))
    (if (> part a)
        (ref ways a)
        (let next-sum ((ways ways) (sum part))
          (if (> sum a)
              (next-part ways (+ part 1))
              (next-sum (update ways sum (+ (ref ways sum) (ref ways (- sum part)))) (+ sum 1)))))))
