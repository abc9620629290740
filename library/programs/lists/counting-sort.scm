;;; A list of small numbers in ascending order: how often each occurs is counted, and each is written down as often.
;;;
;;; operand v (6 of 0..7): the numbers
;;; result (6 of 0..7): the same numbers, none less than the one before it
;;; example: (counting-sort [5 2 7 1 7 3]) => [1 2 3 5 7 7]
;;; example: (counting-sort [4 4 1 4 0 1]) => [0 1 1 4 4 4]
;;; complexity: O(n + k), with numbers below k
;;; source: Seward (1954), as told in Knuth, "The Art of Computer Programming", volume 3 (1973), section 5.2

(define (counting-sort v)
  (let count ((counts (zeros 8)) (i 0))
    (if (< i (vlen v))
        (let ((x (modulo (ref v i) 8)))
          (count (update counts x (+ (ref counts x) 1)) (+ i 1)))
        (let write ((sorted v) (counts counts) (x 0) (i 0))
          (cond ((= i (vlen v)) sorted)
                ((= (ref counts x) 0) (write sorted counts (+ x 1) i))
                (else (write (update sorted i x)
                             (update counts x (- (ref counts x) 1))
                             x
                             (+ i 1))))))))
