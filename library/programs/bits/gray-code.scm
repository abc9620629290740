;;; The Gray code of a number: codes of neighbours differ in one binary digit. A digit is a one where the number's own
;;; differs from the one before it.
;;;
;;; operand a (0..): a number
;;; result (0..): its code
;;; example: (gray-code 2) => 3
;;; example: (gray-code 5) => 7
;;; example: (gray-code 7) => 4
;;; example: (gray-code 0) => 0
;;; complexity: O(log a)
;;; source: Gray, Pulse code communication (1953)

(define (gray-code a)
  (bitwise-xor a (quotient a 2)))
