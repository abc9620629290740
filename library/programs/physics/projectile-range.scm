;;; How far a body flies over level ground, without drag.
;;;
;;; operand v (real 0..100, m/s): the speed at first
;;; operand angle (real 0..1.5, rad): the angle above the ground
;;; operand g (real 1..30, m/s^2): the acceleration of gravity
;;; result (real, m): the distance
;;; example: (projectile-range 10 0.7853981633974483 10) => 10
;;; complexity: O(1)
;;; source: Galilei, Discorsi e dimostrazioni matematiche (1638)

(define (projectile-range v angle g)
  (/ (* (square v) (sin (* 2 angle))) g))
