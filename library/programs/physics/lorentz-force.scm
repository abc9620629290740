;;; The force on a charge that moves in electric and magnetic fields.
;;;
;;; operand q (real -10..10, C): the charge
;;; operand E (3 of real -10..10, V/m): the electric field
;;; operand v (3 of real -10..10, m/s): its velocity
;;; operand B (3 of real -10..10, T): the magnetic field
;;; result (3 of real, N): the force
;;; example: (lorentz-force 2 [1 0 0] [0 1 0] [0 0 1]) => [4 0 0]
;;; complexity: O(1)
;;; source: Lorentz, Versuch einer Theorie der electrischen und optischen Erscheinungen in bewegten Körpern (1895)

(define (lorentz-force q E v B)
  (scale q (+ E (cross v B))))
