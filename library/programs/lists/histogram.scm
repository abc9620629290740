;;; How often each number below 6 stands in a list; others are not counted.
;;;
;;; operand v (6 of 0..): the numbers
;;; result (6 of 0..6): how many are 0, 1, …, 5
;;; example: (histogram [3 1 4 1 5 0]) => [1 2 0 1 1 1]
;;; example: (histogram [9 9 2 2 2 9]) => [0 0 3 0 0 0]
;;; complexity: O(n)
;;; source: the first half of counting sort: Seward (1954), as told in Knuth, "The Art of Computer Programming", volume
;;;   3 (1973), section 5.2

(define (histogram v)
  (let loop ((counts (zeros 6)) (i 0))
    (if (= i (vlen v))
        counts
        (let ((x (ref v i)))
          (if (< x 6)
              (loop (update counts x (+ (ref counts x) 1)) (+ i 1))
              (loop counts (+ i 1)))))))
