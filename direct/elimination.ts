import type { RegionBuilder } from "./builder.js";
import type { ValueId } from "./graph.js";

// Gaussian elimination with partial pivoting as the language defines it (scheme/arrays), step by step, so that values are
// equal to the last bit. Which row is the pivot is found out when the program runs, so rows are exchanged by branches.

type Rows = readonly (readonly ValueId[])[];

/** The largest part of a matrix whose determinant is written out as a polynomial where elimination meets a zero pivot. */
const largestExpansion = 5;

interface Pivoted {
  readonly rows: Rows;
  readonly determinant: ValueId;
}

const negated = (b: RegionBuilder, x: ValueId) => b.op("*", [b.constant(-1), x]);
const product = (b: RegionBuilder, x: ValueId, y: ValueId) => b.op("*", [x, y]);

/** Brings the row with the largest magnitude in column `k` to row `k`; the determinant changes sign where rows change. */
function pivot(b: RegionBuilder, rows: Rows, k: number, determinant: ValueId): Pivoted {
  const size = rows.length;
  if (k === size - 1) return { rows, determinant };
  // What stands before column k is done with.
  const live = rows.map((row) => row.slice(k));
  const width = live[k].length;
  const restored = (flat: readonly ValueId[], i: number) => [...rows[i].slice(0, k), ...flat];
  let [found, best]: readonly ValueId[] = [b.constant(k), b.op("abs", [rows[k][k]])];
  if (k === size - 2) {
    const test = b.op(">", [b.op("abs", [rows[k + 1][k]]), best]);
    const results = b.branch(
      test,
      (inner) => [...live[k + 1], ...live[k], negated(inner, determinant)],
      () => [...live[k], ...live[k + 1], determinant],
    );
    const changed = rows.map((row, i) =>
      i < k ? row : restored(results.slice((i - k) * width, (i - k + 1) * width), i),
    );
    return { rows: changed, determinant: results[2 * width] };
  }
  for (let i = k + 1; i < size; i++) {
    const candidate = b.op("abs", [rows[i][k]]);
    const [before, least] = [found, best];
    [found, best] = b.branch(
      b.op(">", [candidate, best]),
      (inner) => [inner.constant(i), candidate],
      () => [before, least],
    );
  }
  let top: readonly ValueId[] = live[k];
  const changed = rows.map((row) => [...row]);
  for (let i = k + 1; i < size; i++) {
    const before = top;
    const results = b.branch(
      b.op("=", [found, b.constant(i)]),
      () => [...live[i], ...live[k]],
      () => [...before, ...live[i]],
    );
    top = results.slice(0, width);
    changed[i] = restored(results.slice(width), i);
  }
  changed[k] = restored(top, k);
  const [signed] = b.branch(
    b.op("=", [found, b.constant(k)]),
    () => [determinant],
    (inner) => [negated(inner, determinant)],
  );
  return { rows: changed, determinant: signed };
}

/** Subtracts multiples of row `k` from the rows below it. */
function subtract(b: RegionBuilder, rows: Rows, k: number): Rows {
  return rows.map((row, i) => {
    if (i <= k) return row;
    const factor = b.op("/", [row[k], rows[k][k]]);
    return row.map((x, j) => (j < k ? x : b.op("-", [x, product(b, factor, rows[k][j])])));
  });
}

/** What a determinant is where the pivot in column `k` is 0. */
type Singular = (b: RegionBuilder, rows: Rows, k: number, determinant: ValueId) => ValueId;

function eliminated(b: RegionBuilder, matrix: Rows, k: number, before: ValueId, singular: Singular): ValueId {
  const { rows, determinant } = pivot(b, matrix, k, before);
  const result = product(b, determinant, rows[k][k]);
  if (k === rows.length - 1) return result;
  const [value] = b.branch(
    b.op("=", [rows[k][k], b.constant(0)]),
    (inner) => [singular(inner, rows, k, determinant)],
    (inner) => [eliminated(inner, subtract(inner, rows, k), k + 1, result, singular)],
  );
  return value;
}

/** A determinant as the sum over its columns, row by row (Laplace); minors are made once. */
function expansion(b: RegionBuilder, rows: Rows): ValueId {
  const known = new Map<string, ValueId>();
  const minor = (i: number, columns: readonly number[]): ValueId => {
    if (columns.length === 1) return rows[i][columns[0]];
    const key = columns.join(" ");
    const found = known.get(key);
    if (found !== undefined) return found;
    const terms = columns.map((j) =>
      product(
        b,
        rows[i][j],
        minor(
          i + 1,
          columns.filter((other) => other !== j),
        ),
      ),
    );
    const sum = terms.reduce((total, term, at) => b.op(at % 2 === 1 ? "-" : "+", [total, term]));
    known.set(key, sum);
    return sum;
  };
  return minor(
    0,
    rows.map((_, j) => j),
  );
}

/**
 * The determinant where column `k` is 0 in all rows left. Its value is the definition's, a zero; its slopes are not 0, as
 * the column's elements have cofactors. Small parts are written out, which is exact in every order; of others the zero
 * column goes last, where it is not divided by, which is exact in the first order.
 */
const singularDeterminant: Singular = (b, rows, k, determinant) => {
  const value = product(b, determinant, rows[k][k]);
  const part = rows.slice(k).map((row) => row.slice(k, rows.length));
  let whole: ValueId;
  if (part.length <= largestExpansion) whole = product(b, determinant, expansion(b, part));
  else {
    const turned = part.map(([first, ...others]) => [...others, first]);
    const sign = part.length % 2 === 1 ? determinant : negated(b, determinant);
    whole = eliminated(b, turned, 0, sign, (inner) => inner.constant(0));
  }
  // 0 or -0 both become -0, which adds nothing to a value; twice a tie's slope is the whole slope.
  const rest = b.op("min", [b.op("-", [whole, value]), b.constant(-0)]);
  return b.op("+", [value, product(b, b.constant(2), rest)]);
};

export function determinant(b: RegionBuilder, matrix: Rows): ValueId {
  return eliminated(b, matrix, 0, b.constant(1), singularDeterminant);
}

/** Row echelon form; a zero pivot ends the elimination. */
function echelon(b: RegionBuilder, matrix: Rows, k: number): Rows {
  const size = matrix.length;
  const { rows } = pivot(b, matrix, k, b.constant(1));
  if (k === size - 1) return rows;
  const width = rows[0].length;
  const flat = b.branch(
    b.op("=", [rows[k][k], b.constant(0)]),
    () => rows.flat(),
    (inner) => echelon(inner, subtract(inner, rows, k), k + 1).flat(),
  );
  return rows.map((_, i) => flat.slice(i * width, (i + 1) * width));
}

/**
 * The inverse by elimination and back substitution, rows after one another.
 *
 * @param checked what is divided by in place of a pivot.
 */
export function inverse(b: RegionBuilder, matrix: Rows, checked: (pivot: ValueId) => ValueId): readonly ValueId[] {
  const size = matrix.length;
  const [zero, one] = [b.constant(0), b.constant(1)];
  const rows = echelon(
    b,
    matrix.map((row, i) => [...row, ...row.map((_, j) => (i === j ? one : zero))]),
    0,
  ).map((row) => [...row]);
  for (let k = size - 1; k >= 0; k--) {
    const divisor = checked(rows[k][k]);
    for (let j = size; j < 2 * size; j++) {
      let value = rows[k][j];
      for (let i = k + 1; i < size; i++) value = b.op("-", [value, product(b, rows[k][i], rows[i][j])]);
      rows[k][j] = b.op("/", [value, divisor]);
    }
  }
  return rows.flatMap((row) => row.slice(size));
}
