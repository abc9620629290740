;;; The number that times a leaves 1 when divided by m: a coefficient of the identity of Bézout. 0 where there is none.
;;;
;;; operand a (0..): a whole number
;;; operand m (1..): the modulus
;;; result (0..): the inverse of a modulo m, below m; 0 where there is none
;;; example: (modular-inverse 3 7) => 5
;;; example: (modular-inverse 2 9) => 5
;;; example: (modular-inverse 2 4) => 0
;;; complexity: O(log m)
;;; source: the extended Euclidean algorithm of Knuth, "The Art of Computer Programming", volume 2 (1969), section 4.5.2

(define (modular-inverse a m)
  (let loop ((last (modulo a m)) (next m) (magnitude 1) (other 0) (negative 0))
    (if (= next 0)
        (if (= last 1)
            (modulo (if (= negative 1) (- m magnitude) magnitude) m)
            0)
        (loop next
              (modulo last next)
              other
              (+ magnitude (* (quotient last next) other))
              (- 1 negative)))))
