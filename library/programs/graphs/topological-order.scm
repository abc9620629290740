;;; The vertices of a graph in an order in which every edge leads onwards: the least vertex that no edge leads to from
;;; one that is left is taken, again and again.
;;;
;;; operand m (4x4 of 0..1): the adjacency matrix: 1 where an edge leads from the vertex of the row to that of the
;;;   column
;;; result (4 of 0..4): the vertices in order; 4 at the end for those that are on or behind a cycle
;;; example: (topological-order (mat [0 0 0 0] [1 0 0 0] [0 1 0 0] [0 0 1 0])) => [3 2 1 0]
;;; example: (topological-order (mat [0 1 0 0] [0 0 0 0] [0 1 0 0] [0 0 0 0])) => [0 2 1 3]
;;; example: (topological-order (mat [0 1 0 0] [1 0 0 0] [0 0 0 0] [0 0 0 0])) => [2 3 4 4]
;;; complexity: O(V^3)
;;; source: Kahn, Topological sorting of large networks (1962)

(define (topological-order m)
  (let take ((order [4 4 4 4]) (taken (zeros 4)) (count 0))
    (if (= count (vlen order))
        order
        (let candidate ((j 0))
          (cond ((= j (vlen order)) order)
                ((ref taken j) (candidate (+ j 1)))
                (else
                 (let from ((i 0))
                   (cond ((= i (vlen order))
                          (take (update order count j) (update taken j 1) (+ count 1)))
                         ((and (ref (ref m i) j) (not (ref taken i))) (candidate (+ j 1)))
                         (else (from (+ i 1)))))))))))
