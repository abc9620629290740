;;; Which vertices of a graph lead to which, over any number of edges.
;;;
;;; operand m (4x4 of 0..1): the adjacency matrix: 1 where an edge leads from the vertex of the row to that of the
;;;   column
;;; result (4x4 of 0..1): 1 where a way of one edge or more leads from the vertex of the row to that of the column
;;; example: (transitive-closure (mat [0 1 0 0] [0 0 1 0] [0 0 0 0] [0 0 0 0])) => (mat [0 1 1 0] [0 0 1 0] [0 0 0 0] [0
;;;   0 0 0])
;;; complexity: O(V^3)
;;; source: Warshall, A theorem on Boolean matrices (1962)

(define (transitive-closure m)
  (let by ((m m) (k 0))
    (if (= k 4)
        m
        (let from ((m m) (i 0))
          (cond ((= i 4) (by m (+ k 1)))
                ((= (ref (ref m i) k) 0) (from m (+ i 1)))
                (else
                 (let to ((row (ref m i)) (j 0))
                   (cond ((= j 4) (from (update m i row) (+ i 1)))
                         ((ref (ref m k) j) (to (update row j 1) (+ j 1)))
                         (else (to row (+ j 1)))))))))))
