;;; In how many ways coins make up an amount, in whatever order. One coin after another is taken into account.
;;;
;;; operand v (3 of 1..9): the values of the coins, all different, of which there are as many as are needed
;;; operand a (0..12): the amount
;;; result (0..): the number of ways
;;; example: (coin-ways [1 2 5] 5) => 4
;;; example: (coin-ways [2 4 6] 5) => 0
;;; example: (coin-ways [1 5 9] 12) => 4
;;; complexity: O(a n)
;;; source: Euler, Introductio in analysin infinitorum (1748), chapter 16

(define (coin-ways v a)
  (let next ((ways (update (zeros 13) 0 1)) (i 0))
    (if (= i (vlen v))
        (ref ways a)
        (let fill ((ways ways) (amount (ref v i)))
          (if (> amount a)
              (next ways (+ i 1))
              (fill (update ways amount (+ (ref ways amount) (ref ways (- amount (ref v i))))) (+ amount 1)))))))
