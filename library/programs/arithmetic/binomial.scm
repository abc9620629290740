;;; How many ways there are to choose b things of a: row a of Pascal's triangle, made from the one above it by additions
;;; alone. On the machine it wraps around.
;;;
;;; operand a (0..9): the number of things
;;; operand b (0..9): the number that is chosen
;;; result (0..): a! / (b! (a - b)!); 0 where b is above a
;;; example: (binomial 5 2) => 10
;;; example: (binomial 6 3) => 20
;;; example: (binomial 4 0) => 1
;;; example: (binomial 2 3) => 0
;;; complexity: O(a^2)
;;; source: Pascal, Traité du triangle arithmétique (1665)

(define (binomial a b)
  (let next-row ((row (update (zeros 10) 0 1)) (i 0))
    (if (= i a)
        (ref row b)
        (let next-place ((row row) (place (+ i 1)))
          (if (= place 0)
              (next-row row (+ i 1))
              (next-place (update row place (+ (ref row place) (ref row (- place 1)))) (- place 1)))))))
