;;; At how many places two sequences differ.
;;;
;;; operand v (4 of 0..): a sequence
;;; operand w (4 of 0..): another
;;; result (0..4): the number of places
;;; example: (hamming-distance [1 2 3 4] [1 5 3 6]) => 2
;;; example: (hamming-distance [1 2 3 4] [1 2 3 4]) => 0
;;; complexity: O(n)
;;; source: Hamming, Error detecting and error correcting codes (1950)

(define (hamming-distance v w)
  (let loop ((i 0) (count 0))
    (if (= i (vlen v))
        count
        (loop (+ i 1) (+ count (not (= (ref v i) (ref w i))))))))
