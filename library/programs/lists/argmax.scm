;;; Where the greatest number of a list stands: the first place, if there are several.
;;;
;;; operand v (6 of 0..): the numbers
;;; result (0..5): the place of the greatest, counted from 0
;;; example: (argmax [3 1 4 1 5 2]) => 4
;;; example: (argmax [2 2 2 2 2 2]) => 0
;;; complexity: O(n)
;;; source: algorithm M of Knuth, "The Art of Computer Programming", volume 1 (1968), section 1.2.10

(define (argmax v)
  (let loop ((i 1) (best 0))
    (if (= i (vlen v))
        best
        (loop (+ i 1) (if (> (ref v i) (ref v best)) i best)))))
