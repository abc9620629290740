;;; Whether some of the numbers of a list add up to a number. The sums that can be had are kept, and increased by one
;;; number after another.
;;;
;;; operand v (4 of 0..9): the numbers
;;; operand s (0..15): the sum wanted
;;; result (0..1): 1 if some do, else 0
;;; example: (subset-sum [2 3 7 8] 10) => 1
;;; example: (subset-sum [2 4 6 8] 7) => 0
;;; example: (subset-sum [5 5 5 5] 0) => 1
;;; complexity: O(n s)
;;; source: Bellman, Dynamic Programming (1957)

(define (subset-sum v s)
  (let next ((can (update (zeros 16) 0 1)) (i 0))
    (if (= i (vlen v))
        (ref can s)
        (let fill ((can can) (sum s))
          (cond ((or (< sum (ref v i)) (= sum 0)) (next can (+ i 1)))
                ((ref can (- sum (ref v i))) (fill (update can sum 1) (- sum 1)))
                (else (fill can (- sum 1))))))))
