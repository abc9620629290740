;;; The frequency at which a sound is heard whose source moves along the line to the ear, in still air.
;;;
;;; operand f (real 20..20000, Hz): the frequency of the source
;;; operand v (real -200..200, m/s): the speed at which the source comes nearer
;;; operand c (real 300..360, m/s): the speed of sound
;;; result (real, Hz): the frequency heard
;;; example: (doppler-frequency 440 0 343) => 440
;;; example: (doppler-frequency 400 170 340) => 800
;;; complexity: O(1)
;;; source: Doppler, Über das farbige Licht der Doppelsterne (1842)

(define (doppler-frequency f v c)
  (/ (* f c) (- c v)))
