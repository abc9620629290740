;;; How often a number can be halved without a remainder; for 0 it is 0.
;;;
;;; operand a (0..): a number
;;; result (0..): the number of zeros that its binary digits end with
;;; example: (trailing-zeros 12) => 2
;;; example: (trailing-zeros 7) => 0
;;; example: (trailing-zeros 0) => 0
;;; complexity: O(log a)
;;; source: Knuth, "The Art of Computer Programming", volume 4A (2011), section 7.1.3

(define (trailing-zeros a)
  (let loop ((rest a) (count 0))
    (if (or (= rest 0) (odd? rest))
        count
        (loop (quotient rest 2) (+ count 1)))))
