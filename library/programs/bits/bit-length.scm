;;; How many binary digits a number is written with; none for 0.
;;;
;;; operand a (0..): a number
;;; result (0..): the number of binary digits
;;; example: (bit-length 5) => 3
;;; example: (bit-length 8) => 4
;;; example: (bit-length 0) => 0
;;; complexity: O(log a)
;;; source: Knuth, "The Art of Computer Programming", volume 4A (2011), section 7.1.3

(define (bit-length a)
  (let loop ((rest a) (count 0))
    (if (= rest 0)
        count
        (loop (quotient rest 2) (+ count 1)))))
