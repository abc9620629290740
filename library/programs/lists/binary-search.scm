;;; How many numbers of an ascending list are less than a number, which is where it stands if it is there: by halving
;;; the part that is in question.
;;;
;;; operand v (6 of 0..): the numbers, none less than the one before it
;;; operand x (0..): the number looked for
;;; result (0..6): the first place, counted from 0, whose number is not less than x; the length of the list if there is
;;;   none
;;; example: (binary-search [1 3 4 6 8 9] 6) => 3
;;; example: (binary-search [1 3 4 6 8 9] 5) => 3
;;; example: (binary-search [1 3 4 6 8 9] 10) => 6
;;; example: (binary-search [2 2 2 5 5 7] 5) => 3
;;; complexity: O(log n)
;;; source: Knuth, "The Art of Computer Programming", volume 3 (1973), section 6.2.1

(define (binary-search v x)
  (let loop ((low 0) (high (vlen v)))
    (if (= low high)
        low
        (let ((middle (quotient (+ low high) 2)))
          (if (< (ref v middle) x)
              (loop (+ middle 1) high)
              (loop low middle))))))
