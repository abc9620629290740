;;; The angle at which light goes on in another medium. There is none where it is reflected as a whole.
;;;
;;; operand n (real 1..1.5): the refractive index where it comes from
;;; operand N (real 1.5..2.5): that of the medium which it enters
;;; operand angle (real 0..1.5708, rad): the angle to the normal of the surface
;;; result (real, rad): the angle to the normal behind the surface
;;; example: (snell-angle 1 1.5 0) => 0
;;; example: (snell-angle 1 2 1.5707963267948966) => 0.5235987755983
;;; example: (snell-angle 1 1.5 0.5) => 0.32532528522
;;; complexity: O(1)
;;; source: Snell (1621), as told in Huygens, Dioptrica (1703)

(define (snell-angle n N angle)
  (asin (/ (* n (sin angle)) N)))
