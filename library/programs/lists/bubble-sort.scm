;;; A list in ascending order: neighbours that are not in order change places, in pass after pass.
;;;
;;; operand v (6 of 0..): the numbers
;;; result (6 of 0..): the same numbers, none less than the one before it
;;; example: (bubble-sort [5 2 9 1 7 3]) => [1 2 3 5 7 9]
;;; example: (bubble-sort [4 4 1 4 0 1]) => [0 1 1 4 4 4]
;;; complexity: O(n^2)
;;; source: Knuth, "The Art of Computer Programming", volume 3 (1973), section 5.2.2

(define (bubble-sort v)
  (let pass ((v v) (end (- (vlen v) 1)))
    (if (= end 0)
        v
        (let step ((v v) (i 0))
          (if (= i end)
              (pass v (- end 1))
              (let ((x (ref v i)) (y (ref v (+ i 1))))
                (if (> x y)
                    (step (update (update v i y) (+ i 1) x) (+ i 1))
                    (step v (+ i 1)))))))))
