;;; How long the longest stretch of equal numbers in a list is.
;;;
;;; operand v (6 of 0..): the numbers
;;; result (1..6): its length
;;; example: (longest-run [1 1 2 2 2 3]) => 3
;;; example: (longest-run [1 2 3 4 5 6]) => 1
;;; complexity: O(n)
;;; source: the definition, in one pass

(define (longest-run v)
  (let loop ((i 1) (run 1) (longest 1))
    (if (= i (vlen v))
        longest
        (let ((run (if (= (ref v i) (ref v (- i 1))) (+ run 1) 1)))
          (loop (+ i 1) run (max run longest))))))
