;;; How long a body takes to go around a much heavier one.
;;;
;;; operand a (real 1e6..1e9, m): the semi-major axis of its orbit
;;; operand M (real 1e22..1e26, kg): the mass in the centre
;;; result (real, s): the period
;;; example: (orbital-period 42164000 5.9722e24) => 86163.3432753168
;;; complexity: O(1)
;;; source: Kepler, Harmonices mundi (1619)

(define G 6.6743e-11) ; m^3/(kg s^2)
(define pi 3.141592653589793)

(define (orbital-period a M)
  (* 2 pi (sqrt (/ (* a a a) (* G M)))))
