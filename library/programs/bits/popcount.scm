;;; How many of the binary digits of a number are ones.
;;;
;;; operand a (0..): a number
;;; result (0..): the number of ones
;;; example: (popcount 7) => 3
;;; example: (popcount 5) => 2
;;; example: (popcount 0) => 0
;;; complexity: O(log a)
;;; source: Knuth, "The Art of Computer Programming", volume 4A (2011), section 7.1.3

(define (popcount a)
  (let loop ((rest a) (count 0))
    (if (= rest 0)
        count
        (loop (quotient rest 2) (+ count (modulo rest 2))))))
