;;; How much things are worth at most that are not too heavy together, each taken once or not at all. The best value for
;;; each weight is kept, and improved by one thing after another.
;;;
;;; operand w (4 of 0..7): the weights
;;; operand v (4 of 0..9): the values
;;; operand c (0..7): the weight that can be carried
;;; result (0..36): the greatest value
;;; example: (knapsack [1 3 4 5] [1 4 5 7] 7) => 9
;;; example: (knapsack [2 2 2 2] [3 1 4 1] 4) => 7
;;; example: (knapsack [5 5 5 5] [9 9 9 9] 4) => 0
;;; complexity: O(n c)
;;; source: Bellman, Dynamic Programming (1957)

(define (knapsack w v c)
  (let next ((best (zeros 8)) (i 0))
    (if (= i (vlen w))
        (ref best c)
        (let fill ((best best) (weight c))
          (if (< weight (ref w i))
              (next best (+ i 1))
              (let ((with (+ (ref best (- weight (ref w i))) (ref v i))))
                (if (= weight 0)
                    (next (update best 0 (max (ref best 0) with)) (+ i 1))
                    (fill (update best weight (max (ref best weight) with)) (- weight 1)))))))))
