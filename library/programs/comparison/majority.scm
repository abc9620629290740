;;; Which of two values, 0 or 1, at least two of three have.
;;;
;;; operand a (0..1): a value
;;; operand b (0..1): a value
;;; operand c (0..1): a value
;;; result (0..1): the value that most have
;;; example: (majority 1 0 1) => 1
;;; example: (majority 0 0 1) => 0
;;; complexity: O(1)
;;; source: von Neumann, Probabilistic logics and the synthesis of reliable organisms from unreliable components (1956)

(define (majority a b c)
  (or (and a b) (and c (or a b))))
