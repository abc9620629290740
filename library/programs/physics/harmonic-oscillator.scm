;;; Where a damped mass on a spring is some time after it was let go at rest, if it swings at all.
;;;
;;; operand x (real -1..1, m): where it was let go
;;; operand m (real 0.5..2, kg): the mass
;;; operand k (real 5..50, N/m): the stiffness of the spring
;;; operand c (real 0..1, kg/s): the damping
;;; operand t (real 0..5, s): the time
;;; result (real, m): where it is
;;; example: (harmonic-oscillator 1 1 9 0 0) => 1
;;; example: (harmonic-oscillator 1 1 10 0.5 2) => 0.6074271928
;;; complexity: O(1)
;;; source: Euler, De novo genere oscillationum (1750)

(define (harmonic-oscillator x m k c t)
  (let* ((decay (/ c (* 2 m)))
         (frequency (sqrt (- (/ k m) (square decay)))))
    (* x
       (exp (- (* decay t)))
       (+ (cos (* frequency t))
          (* (/ decay frequency) (sin (* frequency t)))))))
