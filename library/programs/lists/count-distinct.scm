;;; How many different numbers a list holds: those that do not stand in it further on.
;;;
;;; operand v (6 of 0..): the numbers
;;; result (1..6): the number of different ones
;;; example: (count-distinct [3 1 4 1 5 3]) => 4
;;; example: (count-distinct [2 2 2 2 2 2]) => 1
;;; complexity: O(n^2)
;;; source: the definition: each number is compared with those after it

(define (count-distinct v)
  (let loop ((i 0) (count 0))
    (if (= i (vlen v))
        count
        (let later ((j (+ i 1)))
          (cond ((= j (vlen v)) (loop (+ i 1) (+ count 1)))
                ((= (ref v i) (ref v j)) (loop (+ i 1) count))
                (else (later (+ j 1))))))))
