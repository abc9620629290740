;;; How far behind a thin lens the image of an object is.
;;;
;;; operand f (real 0.05..0.5, m): the focal length
;;; operand d (real 0.6..10, m): the distance of the object, greater than the focal length
;;; result (real, m): the distance of the image
;;; example: (thin-lens 0.5 1) => 1
;;; example: (thin-lens 0.2 0.6) => 0.3
;;; complexity: O(1)
;;; source: Halley, An instance of the excellence of the modern algebra (1693)

(define (thin-lens f d)
  (/ 1 (- (/ 1 f) (/ 1 d))))
