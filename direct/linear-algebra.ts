/** Small dense least squares: what the fitting of parameters needs, for tall matrices of few columns. */

/** The length of a vector, without overflow or underflow in the squares. */
export function norm(x: Float64Array): number {
  const squares = dot(x, x);
  if (squares > 1e-200 && squares < 1e200) return Math.sqrt(squares);
  let largest = 0;
  for (let i = 0; i < x.length; i++) largest = Math.max(largest, Math.abs(x[i]));
  if (largest === 0 || !Number.isFinite(largest)) return largest;
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += (x[i] / largest) ** 2;
  return largest * Math.sqrt(sum);
}

export function dot(x: Float64Array, y: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += x[i] * y[i];
  return sum;
}

/** The triangle R of A = QR, by columns of length p, and the first p elements of Qᵀb. */
export interface Triangle {
  readonly columns: readonly Float64Array[];
  readonly head: Float64Array;
}

/**
 * Householder's triangularization (Golub and Van Loan, "Matrix Computations", section 5.2).
 *
 * @param columns of A: p arrays of m ≥ p numbers each.
 * @param b a right-hand side of m numbers.
 */
export function triangularize(columns: readonly Float64Array[], b: Float64Array): Triangle {
  const a = columns.map((column) => column.slice());
  const right = b.slice();
  const size = a.length;
  for (let k = 0; k < size; k++) {
    const v = a[k].slice(k);
    const length = norm(v);
    if (length === 0) continue;
    const alpha = v[0] > 0 ? -length : length;
    v[0] -= alpha;
    const scale = norm(v);
    for (let i = 0; i < v.length; i++) v[i] /= scale;
    for (let j = k; j < size; j++) reflect(a[j], v, k);
    reflect(right, v, k);
  }
  return { columns: a.map((column, j) => column.slice(0, size).fill(0, j + 1)), head: right.slice(0, size) };
}

/** Reflects the tail of `x` from element `from` on at the plane orthogonal to the unit vector `v`. */
function reflect(x: Float64Array, v: Float64Array, from: number): void {
  let product = 0;
  for (let i = 0; i < v.length; i++) product += v[i] * x[from + i];
  for (let i = 0; i < v.length; i++) x[from + i] -= 2 * product * v[i];
}

/** x times a factor. */
export function scaled(x: Float64Array, factor: number): Float64Array {
  const result = new Float64Array(x.length);
  for (let i = 0; i < result.length; i++) result[i] = x[i] * factor;
  return result;
}

/** A = U diag(s) Vᵀ of a square matrix: singular values in no order, and right and left singular vectors in the same one. */
export interface Decomposition {
  readonly values: Float64Array;
  readonly right: readonly Float64Array[];
  /** Zeros where the singular value is 0. */
  readonly left: readonly Float64Array[];
}

const maximumSweeps = 60;

/** The singular values and vectors of a square matrix, by columns: Hestenes's one-sided Jacobi rotations (1958). */
export function singularValueDecomposition(columns: readonly Float64Array[]): Decomposition {
  const size = columns.length;
  const w = columns.map((column) => column.slice());
  const v = columns.map((_, j) => new Float64Array(size).fill(1, j, j + 1));
  for (let sweep = 0, rotated = true; rotated && sweep < maximumSweeps; sweep++) {
    rotated = false;
    for (let p = 0; p < size; p++)
      for (let q = p + 1; q < size; q++) {
        const alpha = dot(w[p], w[p]);
        const beta = dot(w[q], w[q]);
        const gamma = dot(w[p], w[q]);
        if (Math.abs(gamma) <= 1e-15 * Math.sqrt(alpha * beta) || gamma === 0) continue;
        rotated = true;
        const zeta = (beta - alpha) / (2 * gamma);
        const t = (zeta < 0 ? -1 : 1) / (Math.abs(zeta) + Math.hypot(1, zeta));
        const cosine = 1 / Math.hypot(1, t);
        for (const pair of [w, v]) rotate(pair[p], pair[q], cosine, cosine * t);
      }
  }
  const values = Float64Array.from(w, norm);
  const left = w.map((column, k) => (values[k] > 0 ? column.map((x) => x / values[k]) : column));
  return { values, right: v, left };
}

function rotate(x: Float64Array, y: Float64Array, cosine: number, sine: number): void {
  for (let i = 0; i < x.length; i++) {
    const xi = x[i];
    x[i] = cosine * xi - sine * y[i];
    y[i] = sine * xi + cosine * y[i];
  }
}
