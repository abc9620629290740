;;; A list turned to the left: its first numbers go to its end.
;;;
;;; operand v (6 of 0..): the numbers
;;; operand k (0..): how many of them
;;; result (6 of 0..): the numbers from place k on, then those before it
;;; example: (rotate [1 2 3 4 5 6] 2) => [3 4 5 6 1 2]
;;; example: (rotate [1 2 3 4 5 6] 0) => [1 2 3 4 5 6]
;;; example: (rotate [1 2 3 4 5 6] 7) => [2 3 4 5 6 1]
;;; complexity: O(n)
;;; source: Iverson, A Programming Language (1962), whose rotation it is

(define (rotate v k)
  (let loop ((turned v) (i 0) (from (modulo k (vlen v))))
    (if (= i (vlen v))
        turned
        (loop (update turned i (ref v from))
              (+ i 1)
              (if (= (+ from 1) (vlen v)) 0 (+ from 1))))))
