;;; How many steps lead from a number to 1, where an even number is halved and an odd one tripled and increased by 1.
;;; After 30 steps it gives up; on the machine tripling wraps around.
;;;
;;; operand a (0..): the number at first
;;; result (0..30): the number of steps; 0 for 0
;;; example: (collatz-length 6) => 8
;;; example: (collatz-length 7) => 16
;;; example: (collatz-length 1) => 0
;;; example: (collatz-length 9) => 19
;;; complexity: O(1)
;;; source: the problem that Collatz posed (1937)

(define (collatz-length a)
  (let loop ((value a) (steps 0))
    (if (or (<= value 1) (= steps 30))
        steps
        (loop (if (even? value) (quotient value 2) (+ (* 3 value) 1)) (+ steps 1)))))
