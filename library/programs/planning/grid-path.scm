;;; How many steps lead at least from the upper left cell of a grid to the lower right one, up, down, left or right,
;;; through cells that are free: breadth first, a round for each further step.
;;;
;;; operand m (4x4 of 0..1): the grid: 1 where a cell is blocked
;;; result (0..16): the least number of steps; 16 if there is no way
;;; example: (grid-path (mat [0 0 0 0] [0 0 0 0] [0 0 0 0] [0 0 0 0])) => 6
;;; example: (grid-path (mat [0 1 0 0] [0 1 0 1] [0 0 0 0] [1 1 1 0])) => 6
;;; example: (grid-path (mat [0 1 0 0] [1 1 0 1] [0 0 0 0] [1 1 1 0])) => 16
;;; complexity: O(cells^2)
;;; source: Lee, An algorithm for path connections and its applications (1961)

; Of the cells, row by row, which have been reached.
(define (grid-path m)
  (let round ((reached (update (zeros 16) 0 (- 1 (ref (ref m 0) 0)))) (steps 0))
    (cond ((= (ref reached 15) 1) steps)
          ((= steps 16) 16)
          (else
           (let cell ((next reached) (i 0))
             (if (= i 16)
                 (round next (+ steps 1))
                 (let ((row (quotient i 4)) (column (modulo i 4)))
                   (if (and (= (ref (ref m row) column) 0)
                            (or (and (> row 0) (ref reached (- i 4)))
                                (and (< row 3) (ref reached (+ i 4)))
                                (and (> column 0) (ref reached (- i 1)))
                                (and (< column 3) (ref reached (+ i 1)))))
                       (cell (update next i 1) (+ i 1))
                       (cell next (+ i 1))))))))))
