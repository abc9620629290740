;;; How many numbers of a sequence ascend at most, others in between being left out.
;;;
;;; operand v (6 of 0..): the sequence
;;; result (1..6): the greatest number of them
;;; example: (longest-increasing-subsequence [3 1 4 1 5 9]) => 4
;;; example: (longest-increasing-subsequence [6 5 4 3 2 1]) => 1
;;; example: (longest-increasing-subsequence [1 2 3 4 5 6]) => 6
;;; complexity: O(n^2)
;;; source: Schensted, Longest increasing and decreasing subsequences (1961)

(define (longest-increasing-subsequence v)
  (let next ((lengths (ones 6)) (i 0) (longest 0))
    (if (= i (vlen v))
        longest
        (let before ((j 0) (length 1))
          (if (= j i)
              (next (update lengths i length) (+ i 1) (max longest length))
              (before (+ j 1)
                      (if (< (ref v j) (ref v i))
                          (max length (+ (ref lengths j) 1))
                          length)))))))
