;;; How long the edges of a minimum spanning tree of a graph are together: the shortest edge from the tree to a vertex
;;; outside it is added, again and again. Edges lead both ways; those below the diagonal are not looked at.
;;;
;;; operand m (4x4 of 0..4): the lengths of edges from the vertex of the row to that of the column; 0 where there is
;;;   none
;;; result (0..12): the length of all edges of the tree; of those that the first vertex is connected with, if not all
;;;   are
;;; example: (spanning-tree-weight (mat [0 1 4 3] [0 0 2 4] [0 0 0 3] [0 0 0 0])) => 6
;;; example: (spanning-tree-weight (mat [0 1 0 0] [0 0 0 0] [0 0 0 2] [0 0 0 0])) => 1
;;; complexity: O(V^3)
;;; source: Prim, Shortest connection networks and some generalizations (1957)

(define (spanning-tree-weight m)
  (let grow ((inside (update (zeros 4) 0 1)) (weight 0) (count 1))
    (if (= count (vlen inside))
        weight
        (let look ((i 0) (j 1) (shortest 9) (end 0))
          (cond ((= i (vlen inside))
                 (if (= shortest 9)
                     weight
                     (grow (update inside end 1) (+ weight shortest) (+ count 1))))
                ((= j (vlen inside)) (look (+ i 1) (min (+ i 2) (vlen inside)) shortest end))
                (else
                 (let ((length (ref (ref m i) j)))
                   (if (and (> length 0)
                            (< length shortest)
                            (not (= (ref inside i) (ref inside j))))
                       (look i (+ j 1) length (if (= (ref inside i) 1) j i))
                       (look i (+ j 1) shortest end)))))))))
