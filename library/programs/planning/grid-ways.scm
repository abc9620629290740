;;; In how many ways one goes from the upper left cell of a grid to the lower right one, to the right and down only,
;;; through cells that are free.
;;;
;;; operand m (3x3 of 0..1): the grid: 1 where a cell is blocked
;;; result (0..6): the number of ways
;;; example: (grid-ways (mat [0 0 0] [0 0 0] [0 0 0])) => 6
;;; example: (grid-ways (mat [0 0 0] [0 1 0] [0 0 0])) => 2
;;; example: (grid-ways (mat [0 1 0] [1 0 0] [0 0 0])) => 0
;;; complexity: O(cells)
;;; source: Pascal, Traité du triangle arithmétique (1665), whose triangle it is where no cell is blocked

(define (grid-ways m)
  (let next-row ((ways [1 0 0]) (i 0))
    (if (= i 3)
        (ref ways 2)
        (let next-column ((ways ways) (j 0))
          (if (= j 3)
              (next-row ways (+ i 1))
              (next-column
               (update ways
                       j
                       (cond ((= (ref (ref m i) j) 1) 0)
                             ((= j 0) (ref ways 0))
                             (else (+ (ref ways j) (ref ways (- j 1))))))
               (+ j 1)))))))
