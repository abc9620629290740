// The meanings of the vector and matrix operations, written plainly: they define the language and are never on a hot path.

export type Vector<N = number> = readonly N[];
export type Matrix<N = number> = readonly Vector<N>[];
export type Arrayed<N = number> = N | Vector<N> | Matrix<N>;

/** What the operations on arrays do with the elements: these may be numbers that carry slopes. */
export interface Arithmetic<N> {
  readonly number: (value: number) => N;
  readonly plus: (a: N, b: N) => N;
  readonly minus: (a: N, b: N) => N;
  readonly times: (a: N, b: N) => N;
  readonly divide: (a: N, b: N) => N;
  readonly sqrt: (x: N) => N;
  /** The number alone, by which the pivot of an elimination is chosen. */
  readonly plain: (x: N) => number;
}

export const plainArithmetic: Arithmetic<number> = {
  number: (value) => value,
  plus: (a, b) => a + b,
  minus: (a, b) => a - b,
  times: (a, b) => a * b,
  divide: (a, b) => a / b,
  sqrt: Math.sqrt,
  plain: (x) => x,
};

/** Gaussian elimination as far as it went. */
interface Echelon<N> {
  /** Rows of which the first `pivots` are done: all of them, unless a pivot is 0. */
  readonly rows: readonly (readonly N[])[];
  readonly pivots: number;
  /** The product of the pivots done, with the sign of the swaps. */
  readonly product: N;
}

/** Row echelon form by Gaussian elimination with partial pivoting; a zero pivot ends it. */
export function eliminate<N>({ number, minus, times, divide, plain }: Arithmetic<N>, matrix: Matrix<N>): Echelon<N> {
  const size = matrix.length;
  const rows = matrix.map((row) => [...row]);
  const magnitude = (i: number, k: number) => Math.abs(plain(rows[i][k]));
  let product = number(1);
  for (let k = 0; k < size; k++) {
    let pivot = k;
    for (let i = k + 1; i < size; i++) if (magnitude(i, k) > magnitude(pivot, k)) pivot = i;
    if (pivot !== k) {
      [rows[k], rows[pivot]] = [rows[pivot], rows[k]];
      product = times(number(-1), product);
    }
    if (plain(rows[k][k]) === 0) return { rows, pivots: k, product };
    product = times(product, rows[k][k]);
    for (let i = k + 1; i < size; i++) {
      const factor = divide(rows[i][k], rows[k][k]);
      for (let j = k; j < rows[i].length; j++) rows[i][j] = minus(rows[i][j], times(factor, rows[k][j]));
    }
  }
  return { rows, pivots: size, product };
}

const isArray = <N>(value: Arrayed<N>): value is Vector<N> | Matrix<N> => Array.isArray(value);

/** The operations on vectors and matrices, each by its name, over an arithmetic. */
export function arraysOver<N>(arithmetic: Arithmetic<N>) {
  const { number, plus, minus, times, divide, sqrt } = arithmetic;
  const vsum = (v: Vector<N>): N => v.reduce(plus, number(0));
  const dot = (a: Vector<N>, b: Vector<N>): N => vsum(a.map((x, i) => times(x, b[i])));
  const norm = (v: Vector<N>): N => sqrt(dot(v, v));
  const scale = (a: Arrayed<N>, b: Arrayed<N>): Arrayed<N> => {
    if (isArray(a)) return scale(b, a);
    if (!isArray(b)) return times(a, b);
    return b.map((item) => scale(a, item)) as Vector<N> | Matrix<N>;
  };
  const transpose = (m: Matrix<N>): Matrix<N> => m[0].map((_, j) => m.map((row) => row[j]));
  const matvec = (m: Matrix<N>, v: Vector<N>): Vector<N> => m.map((row) => dot(row, v));
  const filled = (size: number, value: number): N[] => new Array<N>(size).fill(number(value));
  const eye = (size: number): Matrix<N> =>
    filled(size, 0).map((_, i) => filled(size, 0).map((_zero, j) => number(i === j ? 1 : 0)));
  return {
    vec: (...items: N[]): Vector<N> => items,
    ref: (array: Vector<N> | Matrix<N>, index: number): N | Vector<N> => array[index],
    update: (array: Vector<N> | Matrix<N>, index: number, item: N | Vector<N>) =>
      array.map((old, i) => (i === index ? item : old)) as Vector<N> | Matrix<N>,
    dot,
    cross: (a: Vector<N>, b: Vector<N>): Vector<N> =>
      [
        [1, 2],
        [2, 0],
        [0, 1],
      ].map(([i, j]) => minus(times(a[i], b[j]), times(a[j], b[i]))),
    norm,
    normalize: (v: Vector<N>) => scale(divide(number(1), norm(v)), v) as Vector<N>,
    vsum,
    vlen: (v: Vector<N>): N => number(v.length),
    scale,
    mat: (...rows: Vector<N>[]): Matrix<N> => rows,
    matmul: (a: Matrix<N>, b: Matrix<N>): Matrix<N> => {
      const columns = transpose(b);
      return a.map((row) => matvec(columns, row));
    },
    matvec,
    transpose,
    trace: (m: Matrix<N>): N => vsum(m.map((row, i) => row[i])),
    det: (m: Matrix<N>): N => {
      const { rows, pivots, product } = eliminate(arithmetic, m);
      return pivots < rows.length ? times(product, rows[pivots][pivots]) : product;
    },
    /** By elimination and back substitution; a singular matrix gives infinities and NaN, as division by zero does. */
    inv: (m: Matrix<N>): Matrix<N> => {
      const size = m.length;
      const one = eye(size);
      const echelon = eliminate(
        arithmetic,
        m.map((row, i) => [...row, ...one[i]]),
      );
      const rows = echelon.rows.map((row) => [...row]);
      for (let k = size - 1; k >= 0; k--) {
        for (let j = size; j < 2 * size; j++) {
          let value = rows[k][j];
          for (let i = k + 1; i < size; i++) value = minus(value, times(rows[k][i], rows[i][j]));
          rows[k][j] = divide(value, rows[k][k]);
        }
      }
      return rows.map((row) => row.slice(size));
    },
    outer: (a: Vector<N>, b: Vector<N>): Matrix<N> => a.map((x) => b.map((y) => times(x, y))),
    eye,
    zeros: (size: number): Vector<N> => filled(size, 0),
    ones: (size: number): Vector<N> => filled(size, 1),
  };
}
