;;; The number that stands at a place of a list once it is in ascending order: the one that so many others are less
;;; than.
;;;
;;; operand v (6 of 0..): the numbers
;;; operand k (0..5): the place, counted from 0
;;; result (0..): the number there
;;; example: (kth-smallest [5 2 9 1 7 3] 0) => 1
;;; example: (kth-smallest [5 2 9 1 7 3] 2) => 3
;;; example: (kth-smallest [4 4 1 4 0 1] 3) => 4
;;; complexity: O(n^2)
;;; source: comparison counting: Knuth, "The Art of Computer Programming", volume 3 (1973), section 5.2

(define (kth-smallest v k)
  (let candidate ((i 0))
    (let count ((j 0) (before 0))
      (cond ((< j (vlen v))
             (count (+ j 1)
                    (+ before
                       (or (< (ref v j) (ref v i))
                           (and (= (ref v j) (ref v i)) (< j i))))))
            ((= before (modulo k (vlen v))) (ref v i))
            (else (candidate (+ i 1)))))))
