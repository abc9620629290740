;;; How fast a body moves after it has met another head on, if no energy is lost.
;;;
;;; operand m (real 0.1..10, kg): its mass
;;; operand v (real -10..10, m/s): its velocity before
;;; operand M (real 0.1..10, kg): the mass of the other
;;; operand V (real -10..10, m/s): the velocity of the other before
;;; result (real, m/s): its velocity after
;;; example: (elastic-collision 1 3 1 0) => 0
;;; example: (elastic-collision 2 1 1 -1) => -1/3
;;; complexity: O(1)
;;; source: Huygens, De motu corporum ex percussione (1703)

(define (elastic-collision m v M V)
  (/ (+ (* (- m M) v) (* 2 M V)) (+ m M)))
