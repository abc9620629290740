;;; How long the shortest way from one vertex of a graph to another is: distances are improved along each edge, as often
;;; as there are vertices.
;;;
;;; operand m (4x4 of 0..4): the lengths of edges from the vertex of the row to that of the column; 0 where there is
;;;   none
;;; operand s (0..3): the vertex where the way begins
;;; operand t (0..3): the vertex where it ends
;;; result (0..15): its length; 15 if there is no way
;;; example: (shortest-path (mat [0 1 4 0] [0 0 2 4] [0 0 0 1] [0 0 0 0]) 0 3) => 4
;;; example: (shortest-path (mat [0 1 4 0] [0 0 2 4] [0 0 0 1] [0 0 0 0]) 3 0) => 15
;;; example: (shortest-path (mat [0 1 4 0] [0 0 2 4] [0 0 0 1] [0 0 0 0]) 0 2) => 3
;;; complexity: O(V^3)
;;; source: Bellman, On a routing problem (1958)

(define (shortest-path m s t)
  (let round ((distances (update [15 15 15 15] s 0)) (count 1))
    (if (= count (vlen distances))
        (ref distances t)
        (let edge ((distances distances) (i 0) (j 0))
          (cond ((= i (vlen distances)) (round distances (+ count 1)))
                ((= j (vlen distances)) (edge distances (+ i 1) 0))
                (else
                 (let ((length (ref (ref m i) j))
                       (before (ref distances i)))
                   (if (and (> length 0) (< before 15) (< (+ before length) (ref distances j)))
                       (edge (update distances j (+ before length)) i (+ j 1))
                       (edge distances i (+ j 1))))))))))
