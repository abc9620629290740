;;; The pressure of air at a height, where its temperature is the same at all heights.
;;;
;;; operand p (real 90000..110000, Pa): the pressure at the ground
;;; operand h (real 0..10000, m): the height
;;; operand T (real 230..310, K): the temperature
;;; result (real, Pa): the pressure there
;;; example: (barometric-pressure 101325 0 288.15) => 101325
;;; example: (barometric-pressure 101325 5000 273.15) => 54216.64497316
;;; complexity: O(1)
;;; source: Laplace, Traité de mécanique céleste, volume 4 (1805)

(define R 8.31446261815324) ; J/(mol K)
(define M 0.0289644) ; kg/mol
(define g 9.80665) ; m/s^2

(define (barometric-pressure p h T)
  (* p (exp (- (/ (* M g h) (* R T))))))
