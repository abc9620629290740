;;; How many of the meetings that begin and end at given times take place at one time at most.
;;;
;;; operand b (4 of 0..9): when each begins
;;; operand e (4 of 0..9): when each ends, its end excluded
;;; result (0..4): the greatest number at one time
;;; example: (meeting-rooms [0 1 2 6] [3 4 5 7]) => 3
;;; example: (meeting-rooms [0 3 5 7] [3 5 7 9]) => 1
;;; example: (meeting-rooms [4 4 4 4] [4 4 4 4]) => 0
;;; example: (meeting-rooms [0 0 0 3] [0 0 0 5]) => 1
;;; complexity: O(n^2)
;;; source: the definition; the number rises only where a meeting begins

; As many as at some time take place when one of them begins.
(define (meeting-rooms b e)
  (let start ((i 0) (most 0))
    (if (= i (vlen b))
        most
        (let count ((j 0) (now 0))
          (if (= j (vlen b))
              (start (+ i 1) (max most now))
              (count (+ j 1) (+ now (and (<= (ref b j) (ref b i)) (< (ref b i) (ref e j))))))))))
