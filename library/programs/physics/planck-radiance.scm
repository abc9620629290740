;;; How bright a black body is at a wavelength.
;;;
;;; operand x (real 2e-7..3e-6, m): the wavelength
;;; operand T (real 2000..8000, K): the temperature
;;; result (real, W m^-3 sr^-1): the spectral radiance
;;; example: (planck-radiance 5e-7 5778) => 26375669866614.8
;;; complexity: O(1)
;;; source: Planck, Ueber das Gesetz der Energieverteilung im Normalspectrum (1901)

(define h 6.62607015e-34) ; J s
(define c 299792458) ; m/s
(define k 1.380649e-23) ; J/K

(define (planck-radiance x T)
  (/ (* 2 h (square c))
     (* (expt x 5) (- (exp (/ (* h c) (* x k T))) 1))))
