;;; A list from its last number to its first.
;;;
;;; operand v (6 of 0..): the numbers
;;; result (6 of 0..): the same numbers in reverse
;;; example: (list-reverse [1 2 3 4 5 6]) => [6 5 4 3 2 1]
;;; example: (list-reverse [0 0 7 0 0 0]) => [0 0 0 7 0 0]
;;; complexity: O(n)
;;; source: numbers at both ends change places, inwards

(define (list-reverse v)
  (let loop ((v v) (i 0) (j (- (vlen v) 1)))
    (if (>= i j)
        v
        (let ((left (ref v i)) (right (ref v j)))
          (loop (update (update v i right) j left) (+ i 1) (- j 1))))))
