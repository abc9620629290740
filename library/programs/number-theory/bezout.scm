;;; The coefficient of a in the identity a x + b y = gcd(a, b), the least that is not negative. Coefficients alternate
;;; in sign, so that their magnitudes suffice, and none is above b.
;;;
;;; operand a (0..): a whole number
;;; operand b (0..): a whole number
;;; result (0..): x, so that a x leaves gcd(a, b) when divided by b; 1 where b is 0
;;; example: (bezout 12 8) => 1
;;; example: (bezout 7 5) => 3
;;; example: (bezout 5 7) => 3
;;; example: (bezout 4 0) => 1
;;; complexity: O(log min(a, b))
;;; source: Bézout, Théorie générale des équations algébriques (1779); the extended Euclidean algorithm of Knuth, "The
;;;   Art of Computer Programming", volume 2 (1969), section 4.5.2

(define (bezout a b)
  (let loop ((last a) (next b) (magnitude 1) (other 0) (negative 0))
    (if (= next 0)
        (if (= negative 1)
            (let ((period (quotient b last)))
              (modulo (- period magnitude) period))
            magnitude)
        (loop next
              (modulo last next)
              other
              (+ magnitude (* (quotient last next) other))
              (- 1 negative)))))
