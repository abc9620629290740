;;; How many numbers two sequences have in common in the same order, others in between being left out. Row by row of the
;;; table, of which one row is kept.
;;;
;;; operand v (4 of 0..): a sequence
;;; operand w (4 of 0..): another
;;; result (0..4): the greatest number of them
;;; example: (longest-common-subsequence [1 2 3 4] [2 4 1 3]) => 2
;;; example: (longest-common-subsequence [1 2 3 4] [1 2 3 4]) => 4
;;; example: (longest-common-subsequence [1 2 3 4] [5 6 7 8]) => 0
;;; complexity: O(n^2)
;;; source: Wagner and Fischer, The string-to-string correction problem (1974)

(define (longest-common-subsequence v w)
  (let next-row ((row (zeros 5)) (i 0))
    (if (= i (vlen v))
        (ref row (vlen w))
        (let next-place ((row row) (diagonal 0) (j 0))
          (if (= j (vlen w))
              (next-row row (+ i 1))
              (let ((above (ref row (+ j 1))))
                (next-place (update row
                                    (+ j 1)
                                    (if (= (ref v i) (ref w j))
                                        (+ diagonal 1)
                                        (max above (ref row j))))
                            above
                            (+ j 1))))))))
