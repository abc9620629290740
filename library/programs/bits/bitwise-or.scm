;;; The number with a one at each binary digit where at least one of them has a one.
;;;
;;; operand a (0..): a number
;;; operand b (0..): a number
;;; result (0..): the digits together
;;; example: (bitwise-or 12 10) => 14
;;; example: (bitwise-or 1 4) => 5
;;; complexity: O(log max(a, b))
;;; source: Boole, The Mathematical Analysis of Logic (1847)

(define (bitwise-or a b)
  (let loop ((a a) (b b) (place 1) (result 0))
    (if (and (= a 0) (= b 0))
        result
        (loop (quotient a 2)
              (quotient b 2)
              (+ place place)
              (if (or (odd? a) (odd? b)) (+ result place) result)))))
