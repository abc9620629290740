;;; The voltage of a capacitor that is charged through a resistor.
;;;
;;; operand U (real 0..100, V): the voltage of the source
;;; operand R (real 100..10000, ohm): the resistance
;;; operand C (real 1e-6..1e-3, F): the capacitance
;;; operand t (real 0..10, s): the time since the source was connected
;;; result (real, V): the voltage
;;; example: (capacitor-voltage 10 1000 0.001 0) => 0
;;; example: (capacitor-voltage 10 1000 0.001 1) => 6.3212055883
;;; complexity: O(1)
;;; source: Thomson, On transient electric currents (1853)

(define (capacitor-voltage U R C t)
  (* U (- 1 (exp (- (/ t (* R C)))))))
