;;; The greatest number of a list.
;;;
;;; operand v (6 of 0..): the numbers
;;; result (0..): the greatest
;;; example: (list-max [3 1 4 1 5 2]) => 5
;;; example: (list-max [0 0 0 0 0 0]) => 0
;;; complexity: O(n)
;;; source: algorithm M of Knuth, "The Art of Computer Programming", volume 1 (1968), section 1.2.10

(define (list-max v)
  (let loop ((i 0) (result 0))
    (if (= i (vlen v))
        result
        (loop (+ i 1) (max result (ref v i))))))
