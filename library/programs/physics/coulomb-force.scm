;;; The force between two charges; it is negative where they attract each other.
;;;
;;; operand q (real -1e-3..1e-3, C): a charge
;;; operand Q (real -1e-3..1e-3, C): the other
;;; operand r (real 0.1..10, m): their distance
;;; result (real, N): the force
;;; example: (coulomb-force 1e-6 1e-6 1) => 0.0089875517862
;;; complexity: O(1)
;;; source: Coulomb, Premier mémoire sur l’électricité et le magnétisme (1785)

(define k 8987551786.2) ; N m^2/C^2

(define (coulomb-force q Q r)
  (/ (* k q Q) (square r)))
