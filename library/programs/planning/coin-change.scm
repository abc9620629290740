;;; How few coins make up an amount. The fewest for each lesser amount are found first.
;;;
;;; operand v (3 of 1..9): the values of the coins, of which there are as many as are needed
;;; operand a (0..12): the amount
;;; result (0..13): the least number of coins; 13 if the amount can not be made up
;;; example: (coin-change [1 3 4] 6) => 2
;;; example: (coin-change [1 5 6] 10) => 2
;;; example: (coin-change [2 4 6] 5) => 13
;;; example: (coin-change [5 7 9] 0) => 0
;;; complexity: O(a n)
;;; source: Bellman, Dynamic Programming (1957)

(define (coin-change v a)
  (let next ((fewest (zeros 13)) (amount 1))
    (if (> amount a)
        (ref fewest a)
        (let coin ((i 0) (best 13))
          (cond ((= i (vlen v)) (next (update fewest amount best) (+ amount 1)))
                ((> (ref v i) amount) (coin (+ i 1) best))
                (else (coin (+ i 1) (min best (+ 1 (ref fewest (- amount (ref v i))))))))))))
