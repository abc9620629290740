;;; The function of Ackermann as Péter wrote it, which grows faster than any that loops of known length compute.
;;;
;;; operand a (0..2): a number
;;; operand b (0..3): a number
;;; result (1..): its value
;;; example: (ackermann 2 3) => 9
;;; example: (ackermann 1 2) => 4
;;; example: (ackermann 0 3) => 4
;;; complexity: O(b^2) for a up to 2
;;; source: Péter, Konstruktion nichtrekursiver Funktionen (1935)

(define (ackermann a b)
  (cond ((= a 0) (+ b 1))
        ((= b 0) (ackermann (- a 1) 1))
        (else (ackermann (- a 1) (ackermann a (- b 1))))))
