;;; The energy that a moving body has.
;;;
;;; operand m (real 0..100, kg): its mass
;;; operand v (3 of real -50..50, m/s): its velocity
;;; result (real, J): the energy
;;; example: (kinetic-energy 2 [3 0 4]) => 25
;;; complexity: O(1)
;;; source: Coriolis, Du calcul de l’effet des machines (1829)

(define (kinetic-energy m v)
  (* 1/2 m (dot v v)))
