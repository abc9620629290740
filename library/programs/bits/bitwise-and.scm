;;; The number with a one at each binary digit where both have a one.
;;;
;;; operand a (0..): a number
;;; operand b (0..): a number
;;; result (0..): the digits together
;;; example: (bitwise-and 12 10) => 8
;;; example: (bitwise-and 7 5) => 5
;;; complexity: O(log max(a, b))
;;; source: Boole, The Mathematical Analysis of Logic (1847)

(define (bitwise-and a b)
  (let loop ((a a) (b b) (place 1) (result 0))
    (if (and (= a 0) (= b 0))
        result
        (loop (quotient a 2)
              (quotient b 2)
              (+ place place)
              (if (and (odd? a) (odd? b)) (+ result place) result)))))
