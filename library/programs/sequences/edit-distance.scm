;;; How many numbers must be put in, taken out or replaced to make one sequence of another. Row by row of the table, of
;;; which one row is kept.
;;;
;;; operand v (4 of 0..): a sequence
;;; operand w (4 of 0..): another
;;; result (0..4): the least number of changes
;;; example: (edit-distance [1 2 3 4] [1 2 3 4]) => 0
;;; example: (edit-distance [1 2 3 4] [2 3 4 5]) => 2
;;; example: (edit-distance [1 2 3 4] [5 6 7 8]) => 4
;;; example: (edit-distance [1 2 3 4] [1 3 2 4]) => 2
;;; complexity: O(n^2)
;;; source: Wagner and Fischer, The string-to-string correction problem (1974)

(define (edit-distance v w)
  (let next-row ((row [0 1 2 3 4]) (i 0))
    (if (= i (vlen v))
        (ref row (vlen w))
        (let next-place ((row (update row 0 (+ i 1))) (diagonal i) (j 0))
          (if (= j (vlen w))
              (next-row row (+ i 1))
              (let ((above (ref row (+ j 1))))
                (next-place (update row
                                    (+ j 1)
                                    (if (= (ref v i) (ref w j))
                                        diagonal
                                        (+ 1 (min diagonal above (ref row j)))))
                            above
                            (+ j 1))))))))
