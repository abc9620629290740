;;; The number of three that is neither the least nor the greatest.
;;;
;;; operand a (0..): a number
;;; operand b (0..): a number
;;; operand c (0..): a number
;;; result (0..): the one in the middle
;;; example: (median-of-three 3 9 5) => 5
;;; example: (median-of-three 1 2 3) => 2
;;; example: (median-of-three 4 4 1) => 4
;;; complexity: O(1)
;;; source: Hoare, Quicksort (1962), whose pivot it is

(define (median-of-three a b c)
  (max (min a b) (min (max a b) c)))
