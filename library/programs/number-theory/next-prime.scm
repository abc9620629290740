;;; The least prime above a number. On the machine, where numbers wrap around, it is 2 above the greatest.
;;;
;;; operand a (0..): a number
;;; result (2..): the least prime that is greater than a
;;; example: (next-prime 7) => 11
;;; example: (next-prime 1) => 2
;;; example: (next-prime 8) => 11
;;; complexity: O(a sqrt a), with Bertrand's postulate
;;; source: the definition, one number after another being tried

(define (next-prime a)
  (let ((candidate (+ a 1)))
    (if (= (is-prime candidate) 1)
        candidate
        (next-prime candidate))))
