;;; By how much a rocket gets faster that burns some of its mass.
;;;
;;; operand u (real 1000..5000, m/s): the speed of the exhaust
;;; operand m (real 100..1000, kg): the mass at first
;;; operand M (real 10..100, kg): the mass at the end
;;; result (real, m/s): the change of its velocity
;;; example: (rocket-velocity 3000 271.8281828459045 100) => 3000
;;; complexity: O(1)
;;; source: Tsiolkovsky, The exploration of cosmic space by means of reaction devices (1903)

(define (rocket-velocity u m M)
  (* u (log (/ m M))))
