;;; Whether a way leads from one vertex of a graph to another.
;;;
;;; operand m (4x4 of 0..1): the adjacency matrix: 1 where an edge leads from the vertex of the row to that of the
;;;   column
;;; operand s (0..3): the vertex where the way begins
;;; operand t (0..3): the vertex where it ends
;;; result (0..1): 1 if there is one, else 0
;;; example: (is-reachable (mat [0 1 0 0] [0 0 1 0] [0 0 0 0] [0 0 0 0]) 0 2) => 1
;;; example: (is-reachable (mat [0 1 0 0] [0 0 1 0] [0 0 0 0] [0 0 0 0]) 0 3) => 0
;;; complexity: O(V^3)
;;; source: Moore, The shortest path through a maze (1959)

(define (is-reachable m s t)
  (< (bfs-distance m s t) 4))
