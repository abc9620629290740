;;; The greatest rise from a number of a list to a later one: what is gained at most by buying at one price and selling
;;; at a later.
;;;
;;; operand v (6 of 0..): the numbers
;;; result (0..): the greatest difference; 0 if the numbers never rise
;;; example: (greatest-gap [7 1 5 3 6 4]) => 5
;;; example: (greatest-gap [9 7 5 3 2 1]) => 0
;;; complexity: O(n)
;;; source: Bentley, Programming Pearls: algorithm design techniques (1984), of whose problem it is a form

(define (greatest-gap v)
  (let loop ((i 0) (least (ref v 0)) (gap 0))
    (if (= i (vlen v))
        gap
        (let ((least (min least (ref v i))))
          (loop (+ i 1) least (max gap (- (ref v i) least)))))))
