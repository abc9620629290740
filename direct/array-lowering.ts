import { type OpName, type Shape, type Span, sizeOf } from "../scheme/index.js";
import type { RegionBuilder } from "./builder.js";
import { determinant, inverse } from "./elimination.js";
import type { ValueId } from "./graph.js";
import { checkOf } from "./graph-ops.js";
import type { Shaped } from "./shaped-values.js";

/** What an operation on arrays becomes: the elements of its result, whose shape is known. */
type Lowering = (b: RegionBuilder, args: readonly Shaped[], shape: Shape, span: Span) => readonly ValueId[];

const rowsOf = ({ shape, elements }: Shaped): (readonly ValueId[])[] => {
  const width = sizeOf(shape.slice(1));
  return Array.from({ length: shape[0] }, (_, i) => elements.slice(i * width, (i + 1) * width));
};
const columnsOf = (matrix: Shaped) => {
  const rows = rowsOf(matrix);
  return rows[0].map((_, j) => rows.map((row) => row[j]));
};
const product = (b: RegionBuilder, x: ValueId, y: ValueId) => b.op("*", [x, y]);
const difference = (b: RegionBuilder, x: ValueId, y: ValueId) => b.op("-", [x, y]);

/** A sum begins at 0, as its definition does: this makes a sum of -0 alone 0. */
const sum = (b: RegionBuilder, terms: readonly ValueId[]) =>
  terms.reduce((total, term) => b.op("+", [total, term]), b.constant(0));
/** A number that strict mode refuses to be 0. */
const checked = (b: RegionBuilder, op: "normalize" | "inv", x: ValueId, span: Span) =>
  checkOf(b.context.arithmetic, op, span) ? b.op(op, [x], span) : x;
const dot = (b: RegionBuilder, x: readonly ValueId[], y: readonly ValueId[]) =>
  sum(
    b,
    x.map((item, i) => product(b, item, y[i])),
  );
const norm = (b: RegionBuilder, v: readonly ValueId[]) => b.op("sqrt", [dot(b, v, v)]);
const scaled = (b: RegionBuilder, factor: ValueId, items: readonly ValueId[]) =>
  items.map((item) => product(b, factor, item));
const filled = (b: RegionBuilder, shape: Shape, value: number) =>
  new Array<ValueId>(sizeOf(shape)).fill(b.constant(value));

/** Item `index` of those from `low` up to `high`, by bisection, so that only the item chosen passes anything on. */
function choose(
  b: RegionBuilder,
  items: readonly (readonly ValueId[])[],
  index: ValueId,
  low: number,
  high: number,
): readonly ValueId[] {
  if (high - low === 1) return items[low];
  const middle = (low + high) >> 1;
  return b.branch(
    b.op("<", [index, b.constant(middle)]),
    (inner) => choose(inner, items, index, low, middle),
    (inner) => choose(inner, items, index, middle, high),
  );
}

/**
 * Each operation on vectors and matrices on their elements, in the order of its definition (scheme/arrays), so that values
 * are equal to the last bit. As in the definition, strict mode checks only what stands in the program.
 */
const lowerings: Partial<Record<OpName, Lowering>> = {
  vec: (_, args) => args.flatMap((arg) => arg.elements),
  mat: (_, args) => args.flatMap((arg) => arg.elements),
  ref: (b, [array, { elements }], _shape, span) => {
    const items = rowsOf(array);
    const known = b.constantOf(elements[0]);
    if (known !== undefined) return items[known];
    return choose(b, items, b.op("ref", [elements[0], b.constant(items.length)], span), 0, items.length);
  },
  update: (b, [array, { elements }, item], _shape, span) => {
    const items = rowsOf(array);
    const known = b.constantOf(elements[0]);
    if (known !== undefined) return items.flatMap((old, i) => (i === known ? item.elements : old));
    const index = b.op("update", [elements[0], b.constant(items.length)], span);
    return items.flatMap((old, i) =>
      b.branch(
        b.op("=", [index, b.constant(i)]),
        () => item.elements,
        () => old,
      ),
    );
  },
  dot: (b, [x, y]) => [dot(b, x.elements, y.elements)],
  cross: (b, [{ elements: x }, { elements: y }]) =>
    [
      [1, 2],
      [2, 0],
      [0, 1],
    ].map(([i, j]) => difference(b, product(b, x[i], y[j]), product(b, x[j], y[i]))),
  norm: (b, [v]) => [norm(b, v.elements)],
  normalize: (b, [{ elements }], _shape, span) => {
    const length = checked(b, "normalize", norm(b, elements), span);
    return scaled(b, b.op("/", [b.constant(1), length]), elements);
  },
  vsum: (b, [{ elements }]) => [sum(b, elements)],
  vlen: (b, [{ shape }]) => [b.constant(shape[0])],
  scale: (b, [x, y]) =>
    x.shape.length === 0 ? scaled(b, x.elements[0], y.elements) : scaled(b, y.elements[0], x.elements),
  matmul: (b, [x, y]) => {
    const columns = columnsOf(y);
    return rowsOf(x).flatMap((row) => columns.map((column) => dot(b, column, row)));
  },
  matvec: (b, [matrix, vector]) => rowsOf(matrix).map((row) => dot(b, row, vector.elements)),
  transpose: (_, [matrix]) => columnsOf(matrix).flat(),
  trace: (b, [matrix]) => [
    sum(
      b,
      rowsOf(matrix).map((row, i) => row[i]),
    ),
  ],
  det: (b, [matrix]) => [determinant(b, rowsOf(matrix))],
  inv: (b, [matrix], _shape, span) => inverse(b, rowsOf(matrix), (pivot) => checked(b, "inv", pivot, span)),
  outer: (b, [x, y]) => x.elements.flatMap((item) => scaled(b, item, y.elements)),
  eye: (b, _, [size]) => Array.from({ length: size * size }, (_item, at) => b.constant(at % (size + 1) === 0 ? 1 : 0)),
  zeros: (b, _, shape) => filled(b, shape, 0),
  ones: (b, _, shape) => filled(b, shape, 1),
};

/** Writes an operation on vectors or matrices; undefined for those on numbers. */
export function arrayLowering(op: OpName): Lowering | undefined {
  return lowerings[op];
}
