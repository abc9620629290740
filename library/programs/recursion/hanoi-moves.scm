;;; How many moves it takes to bring a tower of discs from one peg to another by way of a third, one disc at a time and
;;; none upon a smaller: those for all discs but the greatest, twice, and one for that. On the machine it wraps around.
;;;
;;; operand a (0..8): the number of discs
;;; result (0..): the number of moves
;;; example: (hanoi-moves 3) => 7
;;; example: (hanoi-moves 1) => 1
;;; example: (hanoi-moves 0) => 0
;;; complexity: O(a)
;;; source: Lucas, Récréations mathématiques (1893)

(define (hanoi-moves a)
  (if (= a 0)
      0
      (let ((rest (hanoi-moves (- a 1))))
        (+ rest 1 rest))))
