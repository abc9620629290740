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

/** An elimination as far as it went: whether no pivot was 0, else in which column one was, and that pivot. */
interface Eliminated extends Pivoted {
  readonly goesOn: ValueId;
  readonly stop: ValueId;
  readonly zero: ValueId;
}

/** One step of an elimination. A zero pivot ends it. */
function step(b: RegionBuilder, before: Eliminated, k: number): Eliminated {
  const { rows, determinant } = pivot(b, before.rows, k, before.determinant);
  const top = rows[k][k];
  const results = b.branch(
    b.op("=", [top, b.constant(0)]),
    (inner) => [inner.constant(0), inner.constant(k), top, determinant, ...rows.flat()],
    (inner) => [
      inner.constant(1),
      before.stop,
      before.zero,
      product(inner, determinant, top),
      ...subtract(inner, rows, k).flat(),
    ],
  );
  return unflattened(results, rows);
}

function unflattened([goesOn, stop, zero, determinant, ...flat]: readonly ValueId[], like: Rows): Eliminated {
  const width = like[0].length;
  return { goesOn, stop, zero, determinant, rows: like.map((_, i) => flat.slice(i * width, (i + 1) * width)) };
}

/**
 * Elimination in all columns but the last. Each step is a branch beside the one before, not in it, so that derivatives write
 * each but once or twice.
 */
function eliminated(b: RegionBuilder, matrix: Rows): Eliminated {
  const [zero, one] = [b.constant(0), b.constant(1)];
  let now: Eliminated = { rows: matrix, determinant: one, goesOn: one, stop: zero, zero };
  for (let k = 0; k < matrix.length - 1; k++) {
    const before = now;
    const results = b.branch(
      before.goesOn,
      (inner) => flattened(step(inner, before, k)),
      () => flattened(before),
    );
    now = unflattened(results, before.rows);
  }
  return now;
}

const flattened = ({ goesOn, stop, zero, determinant, rows }: Eliminated): readonly ValueId[] => [
  goesOn,
  stop,
  zero,
  determinant,
  ...rows.flat(),
];

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

/** A matrix from which rows and columns before `stop` are gone, those of an identity in their place, and column `stop` is last. */
function turned(b: RegionBuilder, rows: Rows, stop: ValueId): Rows {
  const size = rows.length;
  const [zero, one] = [b.constant(0), b.constant(1)];
  const isBefore = rows.map((_, i) => b.op("<", [b.constant(i), stop]));
  const last = rows[0].reduce<readonly ValueId[]>(
    (column, _, j) =>
      b.branch(
        b.op("=", [stop, b.constant(j)]),
        () => rows.map((row) => row[j]),
        () => column,
      ),
    rows.map(() => zero),
  );
  const live = rows.map((row, i) =>
    b.branch(
      isBefore[i],
      () => row.map(() => zero),
      () => [...row.slice(1), last[i]],
    ),
  );
  const columns = live[0].map((_, j) => live.map((row) => row[j]));
  const changed = columns.map((column, j) =>
    j === size - 1
      ? column
      : b.branch(
          isBefore[j],
          () => column.map((_, i) => (i === j ? one : zero)),
          () => column,
        ),
  );
  return rows.map((_, i) => changed.map((column) => column[i]));
}

/**
 * The determinant where a column is 0 in all rows left. Its value is the definition's, a zero; its slopes are not 0, as
 * the column's elements have cofactors. Small parts are written out, which is exact in every order; of others the zero
 * column goes last, where it is not divided by, which is exact in the first order.
 */
function singularDeterminant(b: RegionBuilder, { rows, determinant, stop, zero }: Eliminated): ValueId {
  const size = rows.length;
  const large = (inner: RegionBuilder): ValueId => {
    const isOdd = inner.op("odd?", [inner.op("-", [inner.constant(size - 1), stop])]);
    const [signed] = inner.branch(
      isOdd,
      (other) => [negated(other, determinant)],
      () => [determinant],
    );
    const { goesOn, determinant: before, rows: done } = eliminated(inner, turned(inner, rows, stop));
    const [whole] = inner.branch(
      goesOn,
      (other) => [product(other, before, done[size - 1][size - 1])],
      (other) => [other.constant(0)],
    );
    return product(inner, signed, whole);
  };
  const small = (inner: RegionBuilder, k: number) =>
    product(
      inner,
      determinant,
      expansion(
        inner,
        rows.slice(k).map((row) => row.slice(k)),
      ),
    );
  const least = Math.max(0, size - largestExpansion);
  const from = (inner: RegionBuilder, k: number): ValueId => {
    if (k < least) return large(inner);
    if (k === 0) return small(inner, 0);
    const [whole] = inner.branch(
      inner.op("=", [stop, inner.constant(k)]),
      (other) => [small(other, k)],
      (other) => [from(other, k - 1)],
    );
    return whole;
  };
  const whole = from(b, size - 2);
  const value = product(b, determinant, zero);
  // 0 or -0 both become -0, which adds nothing to a value; twice a tie's slope is the whole slope. NaN, of columns that the
  // definition doesn't look at, adds nothing either.
  const gap = b.op("-", [whole, value]);
  const nothing = b.constant(-0);
  const [rest] = b.branch(
    b.op("=", [gap, gap]),
    (inner) => [inner.op("min", [gap, nothing])],
    () => [nothing],
  );
  return b.op("+", [value, product(b, b.constant(2), rest)]);
}

export function determinant(b: RegionBuilder, matrix: Rows): ValueId {
  const size = matrix.length;
  const done = eliminated(b, matrix);
  const [value] = b.branch(
    done.goesOn,
    (inner) => [product(inner, done.determinant, done.rows[size - 1][size - 1])],
    (inner) => [singularDeterminant(inner, done)],
  );
  return value;
}

/**
 * The inverse by elimination and back substitution, rows after one another.
 *
 * @param checked what is divided by in place of a pivot.
 */
export function inverse(b: RegionBuilder, matrix: Rows, checked: (pivot: ValueId) => ValueId): readonly ValueId[] {
  const size = matrix.length;
  const [zero, one] = [b.constant(0), b.constant(1)];
  const rows = eliminated(
    b,
    matrix.map((row, i) => [...row, ...row.map((_, j) => (i === j ? one : zero))]),
  ).rows.map((row) => [...row]);
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
