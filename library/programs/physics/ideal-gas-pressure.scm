;;; The pressure of a gas.
;;;
;;; operand n (real 0..10, mol): the amount
;;; operand T (real 200..500, K): the temperature
;;; operand V (real 0.01..1, m^3): the volume
;;; result (real, Pa): the pressure
;;; example: (ideal-gas-pressure 1 273.15 0.022414) => 101324.86232482
;;; complexity: O(1)
;;; source: Clapeyron, Mémoire sur la puissance motrice de la chaleur (1834)

(define R 8.31446261815324) ; J/(mol K)

(define (ideal-gas-pressure n T V)
  (/ (* n R T) V))
