;;; The sums of the first numbers of a list: of the first, of the first two, and so on. On the machine they wrap around.
;;;
;;; operand v (6 of 0..): the numbers
;;; result (6 of 0..): the sums
;;; example: (prefix-sums [1 2 3 4 0 1]) => [1 3 6 10 10 11]
;;; complexity: O(n)
;;; source: Iverson, A Programming Language (1962), whose scan it is

(define (prefix-sums v)
  (let loop ((v v) (i 1))
    (if (= i (vlen v))
        v
        (loop (update v i (+ (ref v i) (ref v (- i 1)))) (+ i 1)))))
