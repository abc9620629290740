;;; Whether the number of ones among the binary digits of a number is odd.
;;;
;;; operand a (0..): a number
;;; result (0..1): 1 if it is odd, else 0
;;; example: (parity 7) => 1
;;; example: (parity 5) => 0
;;; example: (parity 0) => 0
;;; complexity: O(log a)
;;; source: Knuth, "The Art of Computer Programming", volume 4A (2011), section 7.1.3

(define (parity a)
  (let loop ((rest a) (odd 0))
    (if (= rest 0)
        odd
        (loop (quotient rest 2) (if (odd? rest) (- 1 odd) odd)))))
