import { isScalarOp, opNamed, type ScalarOpName, SoftmachineError, scalarMeaning } from "../scheme/index.js";
import { checkWholeNumber } from "./whole-number.js";

/** Real numbers as a machine's values: value v of 0..n-1 stands for lo + v step. */
export interface Grid {
  readonly n: number;
  readonly lo: number;
  readonly step: number;
}

/** A grid by its first point and its last, or its first and the distance between two. */
export type GridOptions = { readonly n: number; readonly lo: number } & (
  | { readonly hi: number; readonly step?: undefined }
  | { readonly step: number; readonly hi?: undefined }
);

/**
 * An instruction that computes an operation of the language on a grid, `grid.sin`, `grid.+`; or `grid.index`, which makes an
 * index of a number: the whole number nearest to it, modulo n.
 */
export type GridOperation = `grid.${ScalarOpName | "index"}`;

/** An operation by its result on every value, or on every pair of values, the first slowest. */
export interface OperationTable {
  readonly name: GridOperation;
  readonly operands: 1 | 2;
  /** [n] or [n, n]. */
  readonly values: Uint16Array;
}

/** The most values of a grid: its tables have the square of it. */
const mostPoints = 4096;

/** @throws SoftmachineError when there is no such grid. */
export function gridOf({ n, lo, hi, step }: GridOptions): Grid {
  checkWholeNumber("n of a grid", n, 2, mostPoints);
  const distance = step ?? (hi - lo) / (n - 1);
  const last = lo + (n - 1) * distance;
  if (Number.isFinite(lo) && Number.isFinite(last) && distance > 0 && last > lo)
    return { n, lo: lo + 0, step: distance };
  const given = step === undefined ? `from ${lo} to ${hi}` : `from ${lo} by ${step}`;
  throw new SoftmachineError(`a grid goes from one number to a larger one, not ${given}`);
}

/** The last point of a grid. */
export const lastPoint = ({ n, lo, step }: Grid): number => lo + (n - 1) * step;

/** The number that a value stands for. */
export const gridPoint = ({ lo, step }: Grid, value: number): number => lo + value * step;

/**
 * The value that stands for the point nearest to a number: of numbers outside the grid, the first or the last. What is not
 * a number counts as 0.
 */
export function nearestOnGrid({ n, lo, step }: Grid, number: number): number {
  const position = Math.round(((Number.isNaN(number) ? 0 : number) - lo) / step);
  return Math.min(n - 1, Math.max(0, position));
}

/** The whole number nearest to the number that a value stands for. */
export const wholeAt = (grid: Grid, value: number): number => Math.round(gridPoint(grid, value));

/** Whether a number is within half a step of some point. */
export function isOnGrid(grid: Grid, number: number): boolean {
  const { lo, step } = grid;
  return number >= lo - step / 2 && number <= lastPoint(grid) + step / 2;
}

/** Whether a word is such an instruction's name. */
export function isGridOperation(word: string): word is GridOperation {
  if (!word.startsWith("grid.")) return false;
  if (word === "grid.index") return true;
  const op = opNamed(word.slice(5));
  return op !== undefined && isScalarOp(op) && `grid.${op}` === word;
}

/** The operation of the language that an instruction computes. */
function meaningOf(operation: GridOperation): (...args: number[]) => number {
  const op = opNamed(operation.slice(5));
  if (op === undefined) throw new Error(`${operation} is no operation`);
  return scalarMeaning(op);
}

/** How many numbers an operation takes. */
export function operandsOfOperation(operation: GridOperation): 1 | 2 {
  return operation === "grid.index" || meaningOf(operation).length === 1 ? 1 : 2;
}

/** An operation on every point of a grid, its results rounded to the nearest point. */
export function operationTable(grid: Grid, operation: GridOperation): OperationTable {
  const { n } = grid;
  if (operation === "grid.index") {
    const index = (_: unknown, value: number) => ((wholeAt(grid, value) % n) + n) % n;
    return { name: operation, operands: 1, values: Uint16Array.from({ length: n }, index) };
  }
  const meaning = meaningOf(operation);
  const operands = operandsOfOperation(operation);
  const points = Float64Array.from({ length: n }, (_, value) => gridPoint(grid, value));
  const values = new Uint16Array(n ** operands);
  for (let i = 0; i < values.length; i++) {
    const result = operands === 1 ? meaning(points[i]) : meaning(points[Math.floor(i / n)], points[i % n]);
    values[i] = nearestOnGrid(grid, result);
  }
  return { name: operation, operands, values };
}
