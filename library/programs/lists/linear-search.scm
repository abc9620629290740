;;; Where a number stands in a list: the first place.
;;;
;;; operand v (6 of 0..): the numbers
;;; operand x (0..): the number looked for
;;; result (0..6): the place, counted from 0; the length of the list if it is nowhere
;;; example: (linear-search [3 1 4 1 5 2] 4) => 2
;;; example: (linear-search [3 1 4 1 5 2] 1) => 1
;;; example: (linear-search [3 1 4 1 5 2] 9) => 6
;;; complexity: O(n)
;;; source: Knuth, "The Art of Computer Programming", volume 3 (1973), section 6.1

(define (linear-search v x)
  (let loop ((i 0))
    (cond ((= i (vlen v)) i)
          ((= (ref v i) x) i)
          (else (loop (+ i 1))))))
