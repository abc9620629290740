;;; A list in ascending order: each number in turn is moved to the left as long as the one before it is greater.
;;;
;;; operand v (6 of 0..): the numbers
;;; result (6 of 0..): the same numbers, none less than the one before it
;;; example: (insertion-sort [5 2 9 1 7 3]) => [1 2 3 5 7 9]
;;; example: (insertion-sort [4 4 1 4 0 1]) => [0 1 1 4 4 4]
;;; complexity: O(n^2)
;;; source: Knuth, "The Art of Computer Programming", volume 3 (1973), section 5.2.1

(define (insertion-sort v)
  (let next ((v v) (i 1))
    (if (= i (vlen v))
        v
        (let ((x (ref v i)))
          (let down ((v v) (j i))
            (if (or (= j 0) (<= (ref v (- j 1)) x))
                (next (update v j x) (+ i 1))
                (down (update v j (ref v (- j 1))) (- j 1))))))))
