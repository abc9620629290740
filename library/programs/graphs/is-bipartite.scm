;;; Whether the vertices of a graph can be coloured with two colours so that each edge joins different ones: all
;;; colourings are tried.
;;;
;;; operand m (4x4 of 0..1): the adjacency matrix: 1 where an edge leads from the vertex of the row to that of the
;;;   column
;;; result (0..1): 1 if they can, else 0
;;; example: (is-bipartite (mat [0 1 0 1] [0 0 1 0] [0 0 0 1] [0 0 0 0])) => 1
;;; example: (is-bipartite (mat [0 1 1 0] [0 0 1 0] [0 0 0 0] [0 0 0 0])) => 0
;;; example: (is-bipartite (mat [1 0 0 0] [0 0 0 0] [0 0 0 0] [0 0 0 0])) => 0
;;; complexity: O(2^V V^2)
;;; source: König, Über Graphen und ihre Anwendung auf Determinantentheorie und Mengenlehre (1916)

; The colours are the binary digits of a number; all are tried.
(define (is-bipartite m)
  (let colouring ((colours [0 0 0 0]) (number 0))
    (let edge ((i 0) (j 0))
      (cond ((= i (vlen colours)) 1)
            ((= j (vlen colours)) (edge (+ i 1) 0))
            ((and (ref (ref m i) j) (= (ref colours i) (ref colours j)))
             (if (= number 7)
                 0
                 (let ((next (+ number 1)))
                   (colouring [0 (modulo next 2) (modulo (quotient next 2) 2) (quotient next 4)] next))))
            (else (edge i (+ j 1)))))))
