;;; How fast a body falls at last in air.
;;;
;;; operand m (real 0.1..100, kg): its mass
;;; operand A (real 0.01..1, m^2): its cross-section
;;; operand C (real 0.1..2): its drag coefficient
;;; operand d (real 0.5..2, kg/m^3): the density of the air
;;; operand g (real 1..30, m/s^2): the acceleration of gravity
;;; result (real, m/s): the speed
;;; example: (drag-speed 2 1 1 1 9) => 6
;;; complexity: O(1)
;;; source: Newton, Philosophiae naturalis principia mathematica (1687), book II

(define (drag-speed m A C d g)
  (sqrt (/ (* 2 m g) (* d C A))))
