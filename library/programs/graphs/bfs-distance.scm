;;; How many edges lead at least from one vertex of a graph to another: breadth first, a round for each further edge.
;;;
;;; operand m (4x4 of 0..1): the adjacency matrix: 1 where an edge leads from the vertex of the row to that of the
;;;   column
;;; operand s (0..3): the vertex where the way begins
;;; operand t (0..3): the vertex where it ends
;;; result (0..4): the least number of edges; the number of vertices if there is no way
;;; example: (bfs-distance (mat [0 1 0 0] [0 0 1 0] [0 0 0 1] [0 0 0 0]) 0 3) => 3
;;; example: (bfs-distance (mat [0 1 0 1] [0 0 1 0] [0 0 0 1] [0 0 0 0]) 0 3) => 1
;;; example: (bfs-distance (mat [0 1 0 0] [0 0 1 0] [0 0 0 1] [0 0 0 0]) 3 0) => 4
;;; example: (bfs-distance (mat [0 1 0 0] [0 0 1 0] [0 0 0 1] [0 0 0 0]) 2 2) => 0
;;; complexity: O(V^3)
;;; source: Moore, The shortest path through a maze (1959)

(define (bfs-distance m s t)
  (let round ((reached (update (zeros 4) s 1)) (distance 0))
    (cond ((= (ref reached t) 1) distance)
          ((= distance (vlen reached)) distance)
          (else
           (let from ((next reached) (i 0) (j 0))
             (cond ((= i (vlen reached)) (round next (+ distance 1)))
                   ((= j (vlen reached)) (from next (+ i 1) 0))
                   ((and (ref reached i) (ref (ref m i) j)) (from (update next j 1) i (+ j 1)))
                   (else (from next i (+ j 1)))))))))
