;;; A list in ascending order: runs of 1, 2, 4, … numbers are merged, two and two, into runs of twice the length.
;;;
;;; operand v (6 of 0..): the numbers
;;; result (6 of 0..): the same numbers, none less than the one before it
;;; example: (merge-sort [5 2 9 1 7 3]) => [1 2 3 5 7 9]
;;; example: (merge-sort [4 4 1 4 0 1]) => [0 1 1 4 4 4]
;;; complexity: O(n log n)
;;; source: von Neumann (1945), as told in Knuth, "The Art of Computer Programming", volume 3 (1973), section 5.2.4

(define (merge-sort v)
  (let pass ((v v) (width 1))
    (if (>= width (vlen v))
        v
        (let runs ((merged v) (start 0))
          (if (>= start (vlen v))
              (pass merged (+ width width))
              (let* ((middle (min (+ start width) (vlen v)))
                     (end (min (+ middle width) (vlen v))))
                (let merge ((merged merged) (i start) (j middle) (k start))
                  (cond ((= k end) (runs merged end))
                        ((and (< i middle) (or (= j end) (<= (ref v i) (ref v j))))
                         (merge (update merged k (ref v i)) (+ i 1) j (+ k 1)))
                        (else
                         (merge (update merged k (ref v j)) i (+ j 1) (+ k 1)))))))))))
