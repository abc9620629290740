;;; How long a pendulum takes to swing to and fro, for small swings; a correction of the second order makes it good for
;;; larger ones.
;;;
;;; operand L (real 0.1..10, m): its length
;;; operand g (real 1..30, m/s^2): the acceleration of gravity
;;; operand angle (real 0..0.8, rad): the greatest angle
;;; result (real, s): the period
;;; example: (pendulum-period 1 9.81 0) => 2.006066681
;;; example: (pendulum-period 2 9.81 0.5) => 2.88133493668
;;; complexity: O(1)
;;; source: Huygens, Horologium oscillatorium (1673)

(define pi 3.141592653589793)

(define (pendulum-period L g angle)
  (* 2 pi (sqrt (/ L g)) (+ 1 (/ (square angle) 16))))
