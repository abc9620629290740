import { describeShape, type Shape, SoftmachineError, sizeOf } from "../scheme/index.js";
import type { ValueId } from "./graph.js";
import { describe } from "./inputs.js";

/** An array in the graph, which holds numbers only: one value an element, rows after one another. A number has shape []. */
export interface Shaped {
  readonly shape: Shape;
  readonly elements: readonly ValueId[];
}

/** What a program takes and gives: the inputs' names and shapes, values of parameters, and the value's shape. */
export interface Interface {
  readonly names: readonly string[];
  readonly shapes: readonly Shape[];
  readonly parameters: Readonly<Record<string, number>>;
  readonly shape: Shape;
}

/** A number, or arrays of numbers within arrays; a derivative may nest deeper than a matrix. */
export type NestedNumbers = number | readonly NestedNumbers[];

/** What can be given for an input: typed arrays stand for vectors, or for a declared matrix with its rows after one another. */
export type GivenValue = number | readonly GivenValue[] | Float64Array | Float32Array;

export const sameShape = (a: Shape, b: Shape): boolean =>
  a.length === b.length && a.every((length, i) => length === b[i]);

/** Numbers one after another as values of the given shapes. */
export function divide(shapes: readonly Shape[], ids: readonly ValueId[]): Shaped[] {
  let start = 0;
  return shapes.map((shape) => {
    const elements = ids.slice(start, start + sizeOf(shape));
    start += elements.length;
    return { shape, elements };
  });
}

/** The names of an input's elements, as `v[0]`: no name in a program has brackets. */
export function elementNames(name: string, shape: Shape): string[] {
  const [length, ...rest] = shape;
  if (length === undefined) return [name];
  return Array.from({ length }, (_, i) => elementNames(`${name}[${i}]`, rest)).flat();
}

/** Consecutive numbers as nested arrays of a shape. */
export function nest(shape: Shape, numbers: ArrayLike<number>, offset = 0): NestedNumbers {
  const [length, ...rest] = shape;
  if (length === undefined) return numbers[offset];
  const stride = sizeOf(rest);
  return Array.from({ length }, (_, i) => nest(rest, numbers, offset + i * stride));
}

const isFloats = (value: unknown): value is Float64Array | Float32Array =>
  value instanceof Float64Array || value instanceof Float32Array;

/**
 * The shape of what is given for an input.
 * @throws SoftmachineError if it is neither a number, nor a vector, nor a matrix.
 */
export function givenShape(name: string, value: unknown): Shape {
  if (typeof value === "number") return [];
  if (isFloats(value) && value.length > 0) return [value.length];
  if (!Array.isArray(value))
    throw new SoftmachineError(`input "${name}" must be a number, a vector or a matrix, not ${describe(value)}`);
  if (value.length === 0 || isFloats(value)) throw new SoftmachineError(`input "${name}" is an empty array`);
  // Array.from, for map would pass over elements that are not there.
  const rows = Array.from(value, (item) => givenShape(name, item));
  const odd = rows.findIndex((row) => !sameShape(row, rows[0]));
  if (odd >= 0)
    throw new SoftmachineError(
      `input "${name}" must be a number, a vector or a matrix; item 0 is ${describeShape(rows[0])} and item ${odd} is ${describeShape(rows[odd])}`,
    );
  if (rows[0].length > 1) throw new SoftmachineError(`input "${name}" nests deeper than a matrix`);
  return [value.length, ...rows[0]];
}

/**
 * Writes an input's numbers into `row` from `offset` on.
 * @throws SoftmachineError if it does not have the shape wanted.
 */
export function flatten(name: string, shape: Shape, value: unknown, row: number[], offset: number): void {
  if (isFloats(value) && shape.length === 2 && value.length === sizeOf(shape)) {
    for (const [i, item] of value.entries()) row[offset + i] = item;
    return;
  }
  const given = givenShape(name, value);
  if (!sameShape(given, shape))
    throw new SoftmachineError(`input "${name}" must be ${describeShape(shape)}, not ${describeShape(given)}`);
  let next = offset;
  const write = (item: unknown) => {
    if (typeof item === "number") row[next++] = item;
    else for (const inner of item as Iterable<unknown>) write(inner);
  };
  write(value);
}
