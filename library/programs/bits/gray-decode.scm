;;; The number of which a number is the Gray code.
;;;
;;; operand a (0..): a code
;;; result (0..): the number
;;; example: (gray-decode 3) => 2
;;; example: (gray-decode 7) => 5
;;; example: (gray-decode 4) => 7
;;; complexity: O(log^2 a)
;;; source: Gray, Pulse code communication (1953)

(define (gray-decode a)
  (let loop ((rest (quotient a 2)) (result a))
    (if (= rest 0)
        result
        (loop (quotient rest 2) (bitwise-xor result rest)))))
