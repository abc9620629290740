;;; The number that decimal digits are written for, by Horner's rule. On the machine it wraps around: modulo n.
;;;
;;; operand v (10 of 0..9): the digits, the highest first, with zeros in front of those of a shorter number
;;; result (0..): the number
;;; example: (numeral [0 0 0 0 0 0 0 1 2 8]) => 128
;;; example: (numeral [0 0 0 0 0 0 0 0 0 0]) => 0
;;; example: (numeral [0 0 0 0 0 0 0 0 4 7]) => 47
;;; example: (numeral [4 2 9 4 9 6 7 2 9 5]) => 4294967295
;;; complexity: O(n)
;;; source: Knuth, "The Art of Computer Programming", volume 2 (1969), section 4.4

; On bits a product adds up what the bits of its second factor choose: of ten they are two, whatever the digits are.
(define (numeral v)
  (let loop ((i 0) (value 0))
    (if (= i (vlen v))
        value
        (loop (+ i 1) (+ (* value 10) (ref v i))))))
