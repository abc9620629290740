;;; A list in ascending order: the least of the numbers that are left changes places with the first of them, again and
;;; again.
;;;
;;; operand v (6 of 0..): the numbers
;;; result (6 of 0..): the same numbers, none less than the one before it
;;; example: (selection-sort [5 2 9 1 7 3]) => [1 2 3 5 7 9]
;;; example: (selection-sort [4 4 1 4 0 1]) => [0 1 1 4 4 4]
;;; complexity: O(n^2)
;;; source: Knuth, "The Art of Computer Programming", volume 3 (1973), section 5.2.3

(define (selection-sort v)
  (let next ((v v) (i 0))
    (if (= i (vlen v))
        v
        (let look ((j (+ i 1)) (least i))
          (if (= j (vlen v))
              (let ((x (ref v i)) (y (ref v least)))
                (next (update (update v i y) least x) (+ i 1)))
              (look (+ j 1) (if (< (ref v j) (ref v least)) j least)))))))
