;;; How many pairs of numbers of a list are not in ascending order.
;;;
;;; operand v (6 of 0..): the numbers
;;; result (0..15): the number of pairs of which the first is the greater
;;; example: (inversions [1 2 3 4 5 6]) => 0
;;; example: (inversions [6 5 4 3 2 1]) => 15
;;; example: (inversions [2 1 3 4 6 5]) => 2
;;; complexity: O(n^2)
;;; source: Knuth, "The Art of Computer Programming", volume 3 (1973), section 5.1.1

(define (inversions v)
  (let first ((i 0) (count 0))
    (if (= i (vlen v))
        count
        (let second ((j (+ i 1)) (count count))
          (if (= j (vlen v))
              (first (+ i 1) count)
              (second (+ j 1) (+ count (> (ref v i) (ref v j)))))))))
