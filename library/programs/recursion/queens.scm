;;; How many ways there are to place queens on a board of as many rows and columns, so that none attacks another. Places
;;; that are taken are kept as one list of columns, row by row.
;;;
;;; operand a (0..5): the number of queens
;;; result (0..): the number of ways
;;; example: (queens 4) => 2
;;; example: (queens 5) => 10
;;; example: (queens 3) => 0
;;; example: (queens 1) => 1
;;; complexity: O(a^2 a!)
;;; source: Dijkstra, Notes on Structured Programming (1972)

(define (is-free columns row column)
  (let loop ((i 0))
    (if (= i row)
        1
        (let ((other (ref columns i)))
          (if (or (= other column)
                  (= (+ other (- row i)) column)
                  (= (+ column (- row i)) other))
              0
              (loop (+ i 1)))))))

; Depth first: a row's column is moved on, and when there is none left, the one before it.
(define (queens a)
  (let search ((columns (zeros 6)) (row 0) (column 0) (count 0))
    (cond ((= row a) (if (= a 0) 1 (search columns (- row 1) (+ (ref columns (- row 1)) 1) (+ count 1))))
          ((< column a)
           (if (= (is-free columns row column) 1)
               (search (update columns row column) (+ row 1) 0 count)
               (search columns row (+ column 1) count)))
          ((= row 0) count)
          (else (search columns (- row 1) (+ (ref columns (- row 1)) 1) count)))))
