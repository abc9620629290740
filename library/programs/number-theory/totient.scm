;;; Euler's totient: how many of the numbers from 1 to a have no common factor with a.
;;;
;;; operand a (0..): a number
;;; result (0..): how many of 1..a are coprime to a; 0 for 0
;;; example: (totient 9) => 6
;;; example: (totient 10) => 4
;;; example: (totient 1) => 1
;;; complexity: O(a log a)
;;; source: Euler, Theoremata arithmetica nova methodo demonstrata (1763)

(define (divisor a b)
  (if (= b 0) a (divisor b (modulo a b))))

(define (totient a)
  (let loop ((candidate a) (count 0))
    (if (= candidate 0)
        count
        (loop (- candidate 1)
              (+ count (= (divisor a candidate) 1))))))
