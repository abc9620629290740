;;; How many numbers divide a number.
;;;
;;; operand a (0..): a number
;;; result (0..): how many of 1..a divide a; 0 for 0
;;; example: (divisor-count 12) => 6
;;; example: (divisor-count 7) => 2
;;; example: (divisor-count 1) => 1
;;; complexity: O(a)
;;; source: the definition, each number being tried

(define (divisor-count a)
  (let loop ((candidate a) (count 0))
    (if (= candidate 0)
        count
        (loop (- candidate 1)
              (+ count (= (modulo a candidate) 0))))))
