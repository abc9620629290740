;;; How many molecules of a gas have a speed: the density of their distribution.
;;;
;;; operand v (real 0..2000, m/s): the speed
;;; operand m (real 1e-27..1e-25, kg): the mass of a molecule
;;; operand T (real 200..500, K): the temperature
;;; result (real, s/m): the share of molecules in a range of speeds, divided by its width
;;; example: (maxwell-speed 0 4.65e-26 300) => 0
;;; example: (maxwell-speed 400 4.65e-26 300) => 0.00195605239448
;;; complexity: O(1)
;;; source: Maxwell, Illustrations of the dynamical theory of gases (1860)

(define k 1.380649e-23) ; J/K
(define pi 3.141592653589793)

(define (maxwell-speed v m T)
  (let ((a (/ m (* k T))))
    (* (sqrt (/ 2 pi)) (expt a 1.5) (square v) (exp (* -1/2 a (square v))))))
