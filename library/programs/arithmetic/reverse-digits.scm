;;; The number whose decimal digits are those of another in reverse. On the machine it wraps around.
;;;
;;; operand a (0..): a number
;;; result (0..): its digits from the last to the first
;;; example: (reverse-digits 12) => 21
;;; example: (reverse-digits 30) => 3
;;; example: (reverse-digits 7) => 7
;;; complexity: O(log a)
;;; source: Knuth, "The Art of Computer Programming", volume 2 (1969), section 4.4

(define (reverse-digits a)
  (let loop ((rest a) (result 0))
    (if (= rest 0)
        result
        (loop (quotient rest 10) (+ (* result 10) (modulo rest 10))))))
