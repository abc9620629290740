;;; How long a body falls from rest, without drag.
;;;
;;; operand h (real 0..1000, m): the height that it falls
;;; operand g (real 1..30, m/s^2): the acceleration of gravity
;;; result (real, s): the time
;;; example: (free-fall-time 4.905 9.81) => 1
;;; example: (free-fall-time 19.62 9.81) => 2
;;; complexity: O(1)
;;; source: Galilei, Discorsi e dimostrazioni matematiche (1638)

(define (free-fall-time h g)
  (sqrt (/ (* 2 h) g)))
