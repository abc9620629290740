;;; The sum of the decimal digits of a number.
;;;
;;; operand a (0..): a number
;;; result (0..): the sum of its digits
;;; example: (digit-sum 47) => 11
;;; example: (digit-sum 9) => 9
;;; example: (digit-sum 0) => 0
;;; complexity: O(log a)
;;; source: Knuth, "The Art of Computer Programming", volume 2 (1969), section 4.4

(define (digit-sum a)
  (let loop ((rest a) (sum 0))
    (if (= rest 0)
        sum
        (loop (quotient rest 10) (+ sum (modulo rest 10))))))
