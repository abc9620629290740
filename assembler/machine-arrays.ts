import { type OpName, type ScalarOpName, type Shape, sizeOf } from "../scheme/index.js";
import type { Location, VirtualOperand } from "./virtual-code.js";

/** A vector or a matrix, its elements row by row. */
export interface MachineArray {
  readonly shape: Shape;
  /** An element, counted from 0 through all rows. Of an array that has a name it emits no code. */
  at(index: number): VirtualOperand;
  /** Where the elements lie one after another, if they do. */
  readonly memory?: { readonly location: Location; readonly offset: number };
}

/** What a variable holds. */
export type MachineValue = VirtualOperand | MachineArray;

export const isArray = (value: MachineValue): value is MachineArray => "shape" in value;

/** An array of elements that are at hand. */
export const arrayOf = (shape: Shape, elements: readonly VirtualOperand[]): MachineArray => ({
  shape,
  at: (index) => elements[index],
});

/** An array whose elements lie in memory from `offset` on. */
export const arrayAt = (shape: Shape, location: Location, offset = 0): MachineArray => ({
  shape,
  at: (index) => ({ kind: "cell", location, offset: offset + index }),
  memory: { location, offset },
});

/** What lowering an operation on arrays may emit. */
export interface ArrayEmitter {
  /** A number of the language. */
  constant(value: number): VirtualOperand;
  /** An operation on numbers. */
  scalar(op: ScalarOpName, ...args: readonly VirtualOperand[]): VirtualOperand;
  /** Elements of an array at `stride` times a computed index, `offset` cells on. */
  indexed(array: MachineArray, index: VirtualOperand, stride: number): (offset: number) => VirtualOperand;
  /** An array with elements from `stride` times a computed index on replaced. */
  updated(
    array: MachineArray,
    index: VirtualOperand,
    stride: number,
    items: (offset: number) => VirtualOperand,
  ): MachineArray;
  /** The operation can't be done on this machine. */
  refuse(): never;
}

type ArrayOpName = Exclude<OpName, ScalarOpName>;

/** The array that results has the shape given; its elements are asked for once each, in their order. */
type ArrayLowering = (emitter: ArrayEmitter, args: readonly MachineValue[], shape: Shape) => MachineValue;

/** The op table has checked the shapes, so these are of one kind or the other. */
function array(value: MachineValue): MachineArray {
  if (!isArray(value)) throw new Error("an array is needed here");
  return value;
}

function number(value: MachineValue): VirtualOperand {
  if (isArray(value)) throw new Error("a number is needed here");
  return value;
}

/** The sum of `count` terms, from the first to the last. */
function sum(e: ArrayEmitter, count: number, term: (index: number) => VirtualOperand): VirtualOperand {
  let total = term(0);
  for (let i = 1; i < count; i++) total = e.scalar("+", total, term(i));
  return total;
}

const product = (e: ArrayEmitter, count: number, a: (i: number) => VirtualOperand, b: (i: number) => VirtualOperand) =>
  sum(e, count, (i) => e.scalar("*", a(i), b(i)));

/** An operation on numbers for each element; numbers among the arguments stand beside every element. */
export function elementwise(
  e: ArrayEmitter,
  op: ScalarOpName,
  args: readonly MachineValue[],
  shape: Shape,
): MachineArray {
  return { shape, at: (i) => e.scalar(op, ...args.map((arg) => (isArray(arg) ? arg.at(i) : arg))) };
}

/** A matrix by the operand of each row and column. */
const byRows = (shape: Shape, at: (row: number, column: number) => VirtualOperand): MachineArray => ({
  shape,
  at: (index) => at(Math.floor(index / shape[1]), index % shape[1]),
});

const filled =
  (value: number): ArrayLowering =>
  (e, _args, shape) => ({ shape, at: () => e.constant(value) });

const ref: ArrayLowering = (e, [indexable, position], shape) => {
  const from = array(indexable);
  const index = number(position);
  const stride = sizeOf(shape);
  if (index.kind === "constant") {
    const first = index.value * stride;
    const { memory } = from;
    if (shape.length === 0) return from.at(first);
    if (memory !== undefined) return arrayAt(shape, memory.location, memory.offset + first);
    return { shape, at: (i) => from.at(first + i) };
  }
  const at = e.indexed(from, index, stride);
  return shape.length === 0 ? at(0) : { shape, at };
};

const norm = (e: ArrayEmitter, v: MachineArray): VirtualOperand => e.scalar("sqrt", product(e, v.shape[0], v.at, v.at));

const refused: ArrayLowering = (e) => e.refuse();

const update: ArrayLowering = (e, [updatable, position, item], shape) => {
  const from = array(updatable);
  const index = number(position);
  const stride = sizeOf(shape.slice(1));
  const element = (offset: number) => (isArray(item) ? item.at(offset) : item);
  if (index.kind !== "constant") return e.updated(from, index, stride, element);
  const first = index.value * stride;
  return { shape, at: (i) => (i >= first && i < first + stride ? element(i - first) : from.at(i)) };
};

/** How each operation on arrays becomes operations on numbers. */
export const arrayLowerings: { readonly [K in ArrayOpName]: ArrayLowering } = {
  vec: (_e, args, shape) => arrayOf(shape, args.map(number)),
  mat: (_e, args, shape) => byRows(shape, (row, column) => array(args[row]).at(column)),
  ref,
  update,
  dot: (e, [a, b]) => product(e, array(a).shape[0], array(a).at, array(b).at),
  cross: (e, args, shape) => {
    const [a, b] = args.map(array);
    const at = (i: number) => {
      const [j, k] = [(i + 1) % 3, (i + 2) % 3];
      return e.scalar("-", e.scalar("*", a.at(j), b.at(k)), e.scalar("*", a.at(k), b.at(j)));
    };
    return { shape, at };
  },
  norm: (e, [v]) => norm(e, array(v)),
  normalize: (e, [v], shape) => {
    const factor = e.scalar("/", e.constant(1), norm(e, array(v)));
    return elementwise(e, "*", [factor, v], shape);
  },
  vsum: (e, [v]) => sum(e, array(v).shape[0], array(v).at),
  vlen: (e, [v]) => e.constant(array(v).shape[0]),
  scale: (e, args, shape) =>
    shape.length === 0 ? e.scalar("*", ...args.map(number)) : elementwise(e, "*", args, shape),
  matmul: (e, args, shape) => {
    const [a, b] = args.map(array);
    const [, inner] = a.shape;
    return byRows(shape, (row, column) =>
      product(
        e,
        inner,
        (i) => a.at(row * inner + i),
        (i) => b.at(i * shape[1] + column),
      ),
    );
  },
  matvec: (e, args, shape) => {
    const [m, v] = args.map(array);
    const [, inner] = m.shape;
    return { shape, at: (row) => product(e, inner, (i) => m.at(row * inner + i), v.at) };
  },
  transpose: (_e, [m], shape) => byRows(shape, (row, column) => array(m).at(column * shape[0] + row)),
  trace: (e, [m]) => {
    const [size] = array(m).shape;
    return sum(e, size, (i) => array(m).at(i * size + i));
  },
  det: refused,
  inv: refused,
  outer: (e, args, shape) => {
    const [a, b] = args.map(array);
    return byRows(shape, (row, column) => e.scalar("*", a.at(row), b.at(column)));
  },
  eye: (e, _args, shape) => byRows(shape, (row, column) => e.constant(row === column ? 1 : 0)),
  zeros: filled(0),
  ones: filled(1),
};
