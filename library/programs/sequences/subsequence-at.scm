;;; Where a short sequence begins within a longer one: the first place.
;;;
;;; operand v (6 of 0..): the longer sequence
;;; operand w (2 of 0..): the shorter
;;; result (0..6): the place, counted from 0; the length of v if it is nowhere
;;; example: (subsequence-at [1 2 3 4 5 6] [3 4]) => 2
;;; example: (subsequence-at [1 2 1 2 1 2] [2 1]) => 1
;;; example: (subsequence-at [1 2 3 4 5 6] [4 3]) => 6
;;; complexity: O(n m)
;;; source: the search without a table that Knuth, Morris and Pratt, Fast pattern matching in strings (1977), improve on

(define (subsequence-at v w)
  (let start ((i 0))
    (if (> (+ i (vlen w)) (vlen v))
        (vlen v)
        (let match ((j 0))
          (cond ((= j (vlen w)) i)
                ((= (ref v (+ i j)) (ref w j)) (match (+ j 1)))
                (else (start (+ i 1))))))))
