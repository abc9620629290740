import { elementNames } from "../assembler/index.js";
import { numbersIn, type Shape, sizeOf, type Value, valueOfShape } from "../scheme/index.js";
import type { NumberRange } from "./operand-tuples.js";
import type { Operand } from "./program-file.js";

/** Each operand's value, of the numbers of all of them one after another, arrays row by row. */
export function valuesOf(operands: readonly Operand[], numbers: readonly number[]): Value[] {
  let at = 0;
  return operands.map(({ type: { shape } }) => {
    const size = sizeOf(shape);
    at += size;
    return valueOfShape(shape, numbers, at - size);
  });
}

/** Values as inputs by name. */
export function inputsOf(operands: readonly Operand[], values: readonly Value[]): Record<string, Value> {
  return Object.fromEntries(operands.map(({ name }, i) => [name, values[i]]));
}

/** The numbers of values in the machine's order: those that are numbers, then the elements of arrays. */
export function machineOperands(values: readonly Value[]): number[] {
  return numbersFirst(values, (value) => typeof value === "number").flatMap(numbersIn);
}

/** What the machine calls the operands, in its order: an array's elements are `v[0]`, `v[1]`, … */
export function machineNames(operands: readonly Operand[]): string[] {
  return numbersFirst(operands, isNumber).flatMap(({ name, type }) => elementNames(name, type.shape));
}

const isNumber = ({ type }: Pick<Operand, "type">) => type.shape.length === 0;

const numbersFirst = <T>(items: readonly T[], isFirst: (item: T) => boolean): T[] => [
  ...items.filter(isFirst),
  ...items.filter((item) => !isFirst(item)),
];

/** What each number of the operands may be on a machine of values 0..n-1, in the order of `valuesOf`. */
export function rangesOf(operands: readonly Operand[], n: number): NumberRange[] {
  return operands.flatMap(({ type: { shape, low, high } }) =>
    new Array<NumberRange>(sizeOf(shape)).fill({ low, high: Math.min(high, n - 1) }),
  );
}

/** The least n for which each number of the operands may be something. */
export const leastN = (operands: readonly Operand[]): number =>
  1 + Math.max(0, ...operands.map(({ type }) => type.low));

/** The shapes of the operands that are arrays, by name. */
export function shapesOf(operands: readonly Operand[]): Record<string, Shape> {
  return Object.fromEntries(
    operands.flatMap(({ name, type: { shape } }) => (shape.length === 0 ? [] : [[name, shape]])),
  );
}

/** What a program takes and gives. */
export interface Signature {
  readonly operands: readonly Operand[];
  readonly result: Pick<Operand, "type">;
}

/** Whether the machine can run a program: all its numbers are whole. */
export const isForMachine = ({ operands, result }: Signature): boolean =>
  [...operands, result].every(({ type }) => type.domain === "whole");

/** Whether a table can hold answers of a program on values 0..n-1: they are numbers, and their places can be counted. */
export function isTabulable(program: Signature, n: number): boolean {
  const count = program.operands.reduce((sum, { type }) => sum + sizeOf(type.shape), 0);
  return isForMachine(program) && isNumber(program.result) && n ** count <= Number.MAX_SAFE_INTEGER;
}

/** The most answers of a program that a model may learn to call: their table is made whole. */
const mostCallable = 2 ** 18;

/**
 * Whether a model can learn to call a program on values 0..n-1: it takes from one to three whole numbers, has an answer for
 * all of their values, and a table of them is of a reasonable size.
 */
export function isCallable(program: Signature, n: number): boolean {
  const { operands } = program;
  const isTotal = operands.every(({ type }) => type.low === 0 && type.high >= n - 1);
  const count = operands.length;
  return (
    isTabulable(program, n) &&
    operands.every(isNumber) &&
    isTotal &&
    count >= 1 &&
    count <= 3 &&
    n ** count <= mostCallable
  );
}
