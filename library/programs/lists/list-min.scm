;;; The least number of a list.
;;;
;;; operand v (6 of 0..): the numbers
;;; result (0..): the least
;;; example: (list-min [3 1 4 1 5 2]) => 1
;;; example: (list-min [7 7 7 7 7 7]) => 7
;;; complexity: O(n)
;;; source: algorithm M of Knuth, "The Art of Computer Programming", volume 1 (1968), section 1.2.10

(define (list-min v)
  (let loop ((i 0) (result (ref v 0)))
    (if (= i (vlen v))
        result
        (loop (+ i 1) (min result (ref v i))))))
