;;; How many primes there are up to a number.
;;;
;;; operand a (0..): a number
;;; result (0..): the number of primes that are not above a
;;; example: (prime-count 10) => 4
;;; example: (prime-count 2) => 1
;;; example: (prime-count 1) => 0
;;; complexity: O(a sqrt a)
;;; source: the definition, each number being tried

(define (prime-count a)
  (let loop ((candidate a) (count 0))
    (if (< candidate 2)
        count
        (loop (- candidate 1) (+ count (is-prime candidate))))))
