;;; How much time passes at rest while some passes for one who moves.
;;;
;;; operand t (real 0..100, s): the time that passes for the one who moves
;;; operand v (real 0..2e8, m/s): the speed
;;; result (real, s): the time that passes at rest
;;; example: (time-dilation 1 0) => 1
;;; example: (time-dilation 4 179875474.8) => 5
;;; complexity: O(1)
;;; source: Einstein, Zur Elektrodynamik bewegter Körper (1905)

(define c 299792458) ; m/s

(define (time-dilation t v)
  (/ t (sqrt (- 1 (square (/ v c))))))
