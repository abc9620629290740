;;; The Catalan number of a: how many ways there are to bracket a product of a + 1 factors, each being a product of two
;;; shorter ones. On the machine it wraps around.
;;;
;;; operand a (0..8): a number
;;; result (1..): the number of bracketings
;;; example: (catalan 3) => 5
;;; example: (catalan 4) => 14
;;; example: (catalan 0) => 1
;;; complexity: O(a^2)
;;; source: Segner, Enumeratio modorum quibus figurae planae rectilineae per diagonales dividuntur in triangula (1758)

(define (catalan a)
  (let next ((found (update (zeros 9) 0 1)) (i 1))
    (if (> i a)
        (ref found a)
        (let split ((left 0) (sum 0))
          (if (= left i)
              (next (update found i sum) (+ i 1))
              (split (+ left 1) (+ sum (* (ref found left) (ref found (- i left 1))))))))))
