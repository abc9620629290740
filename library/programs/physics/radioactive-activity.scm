;;; How many atoms of a radioactive substance decay in a second.
;;;
;;; operand N (real 0..1e6): the number of atoms at first
;;; operand T (real 1..1000, s): the time in which half of them decay
;;; operand t (real 0..1000, s): the time that has passed
;;; result (real, Bq): the activity
;;; example: (radioactive-activity 1000 1 0) => 693.147180559945
;;; example: (radioactive-activity 1000 2 5) => 61.26613396678
;;; complexity: O(1)
;;; source: Rutherford and Soddy, The cause and nature of radioactivity (1902)

(define (radioactive-activity N T t)
  (let ((rate (/ (log 2) T)))
    (* N rate (exp (- (* rate t))))))
