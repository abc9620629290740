;;; The force with which two masses attract each other.
;;;
;;; operand m (real 0..1e6, kg): a mass
;;; operand M (real 0..1e6, kg): the other
;;; operand r (real 1..1000, m): their distance
;;; result (real, N): the force
;;; example: (gravitational-force 1000 1000 10) => 6.6743e-7
;;; complexity: O(1)
;;; source: Newton, Philosophiae naturalis principia mathematica (1687)

(define G 6.6743e-11) ; m^3/(kg s^2)

(define (gravitational-force m M r)
  (/ (* G m M) (square r)))
