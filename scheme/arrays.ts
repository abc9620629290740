// The meanings of the vector and matrix operations, written plainly: they define the language and are never on a hot path.
type Vector = readonly number[];
type Matrix = readonly Vector[];

export const ref = (array: Vector | Matrix, index: number): number | Vector => array[index];
export const sum = (v: Vector): number => v.reduce((total, x) => total + x, 0);
export const dot = (a: Vector, b: Vector): number => sum(a.map((x, i) => x * b[i]));
export const norm = (v: Vector): number => Math.sqrt(dot(v, v));
export const normalize = (v: Vector): Vector => scale(v, 1 / norm(v)) as Vector;
export const filled = (size: number, value: number): number[] => new Array<number>(size).fill(value);
export const transpose = (m: Matrix): Matrix => m[0].map((_, j) => m.map((row) => row[j]));
export const matvec = (m: Matrix, v: Vector): Vector => m.map((row) => dot(row, v));
export const matmul = (a: Matrix, b: Matrix): Matrix => {
  const columns = transpose(b);
  return a.map((row) => matvec(columns, row));
};
export const trace = (m: Matrix): number => sum(m.map((row, i) => row[i]));
export const outer = (a: Vector, b: Vector): Matrix => a.map((x) => b.map((y) => x * y));
export const identity = (size: number): Matrix =>
  filled(size, 0).map((_, i) => filled(size, 0).map((_zero, j) => (i === j ? 1 : 0)));

export const cross = (a: Vector, b: Vector): Vector => [
  a[1] * b[2] - a[2] * b[1],
  a[2] * b[0] - a[0] * b[2],
  a[0] * b[1] - a[1] * b[0],
];

export function scale(a: number | Vector | Matrix, b: number | Vector | Matrix): number | Vector | Matrix {
  if (typeof a !== "number") return scale(b, a);
  if (typeof b === "number") return a * b;
  return b.map((item) => scale(a, item)) as Vector | Matrix;
}

/** Row echelon form by Gaussian elimination with partial pivoting; the determinant is the product of the pivots with the swaps' sign. */
function eliminate(m: Matrix): { rows: number[][]; determinant: number } {
  const size = m.length;
  const rows = m.map((row) => [...row]);
  let determinant = 1;
  for (let k = 0; k < size; k++) {
    let pivot = k;
    for (let i = k + 1; i < size; i++) if (Math.abs(rows[i][k]) > Math.abs(rows[pivot][k])) pivot = i;
    if (pivot !== k) {
      [rows[k], rows[pivot]] = [rows[pivot], rows[k]];
      determinant = -determinant;
    }
    determinant *= rows[k][k];
    if (rows[k][k] === 0) return { rows, determinant };
    for (let i = k + 1; i < size; i++) {
      const factor = rows[i][k] / rows[k][k];
      for (let j = k; j < rows[i].length; j++) rows[i][j] -= factor * rows[k][j];
    }
  }
  return { rows, determinant };
}

export const determinant = (m: Matrix): number => eliminate(m).determinant;

/** Inverse by elimination and back substitution; a singular matrix gives infinities and NaN, as division by zero does. */
export function inverse(m: Matrix): Matrix {
  const size = m.length;
  const one = identity(size);
  const { rows } = eliminate(m.map((row, i) => [...row, ...one[i]]));
  for (let k = size - 1; k >= 0; k--) {
    for (let j = size; j < 2 * size; j++) {
      let value = rows[k][j];
      for (let i = k + 1; i < size; i++) value -= rows[k][i] * rows[i][j];
      rows[k][j] = value / rows[k][k];
    }
  }
  return rows.map((row) => row.slice(size));
}
