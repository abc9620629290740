;;; The least speed at which a body leaves a mass behind for ever.
;;;
;;; operand M (real 1e22..1e26, kg): the mass
;;; operand r (real 1e6..1e8, m): the distance from its centre
;;; result (real, m/s): the speed
;;; example: (escape-velocity 5.9722e24 6371000) => 11186.1651972
;;; complexity: O(1)
;;; source: Newton, Philosophiae naturalis principia mathematica (1687)

(define G 6.6743e-11) ; m^3/(kg s^2)

(define (escape-velocity M r)
  (sqrt (/ (* 2 G M) r)))
