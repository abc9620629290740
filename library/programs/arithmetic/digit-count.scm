;;; How many decimal digits a number is written with; 0 is written with one.
;;;
;;; operand a (0..): a number
;;; result (1..): the number of its digits
;;; example: (digit-count 47) => 2
;;; example: (digit-count 10) => 2
;;; example: (digit-count 0) => 1
;;; complexity: O(log a)
;;; source: Knuth, "The Art of Computer Programming", volume 2 (1969), section 4.4

(define (digit-count a)
  (let loop ((rest a) (count 1))
    (if (< rest 10)
        count
        (loop (quotient rest 10) (+ count 1)))))
