;;; The sum of the numbers that divide a number and are less than it. On the machine it wraps around.
;;;
;;; operand a (0..): a number
;;; result (0..): the sum of its divisors below it
;;; example: (divisor-sum 6) => 6
;;; example: (divisor-sum 8) => 7
;;; example: (divisor-sum 1) => 0
;;; complexity: O(a)
;;; source: the definition, each lesser number being tried

(define (divisor-sum a)
  (let loop ((candidate 1) (sum 0))
    (if (>= candidate a)
        sum
        (loop (+ candidate 1)
              (if (= (modulo a candidate) 0) (+ sum candidate) sum)))))
