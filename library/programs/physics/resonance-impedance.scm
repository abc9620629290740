;;; The magnitude of the impedance of a resistor, a coil and a capacitor in series.
;;;
;;; operand R (real 1..100, ohm): the resistance
;;; operand L (real 0..1, H): the inductance
;;; operand C (real 1e-6..1, F): the capacitance
;;; operand f (real 0.1..1000, Hz): the frequency
;;; result (real, ohm): the impedance
;;; example: (resonance-impedance 3 1 1 0.15915494309189535) => 3
;;; example: (resonance-impedance 3 0.1 0.001 50) => 28.39176920294
;;; complexity: O(1)
;;; source: Heaviside, Electrical Papers (1892)

(define pi 3.141592653589793)

(define (resonance-impedance R L C f)
  (let ((w (* 2 pi f)))
    (norm [R (- (* w L) (/ 1 (* w C)))])))
