import type { Value } from "../scheme/index.js";
import type { NumberRange } from "./operand-tuples.js";
import type { Operand } from "./program-file.js";
import { numbersOf, sizeOf, valueOf } from "./value-type.js";

/** Each operand's value, of the numbers of all of them one after another, arrays row by row. */
export function valuesOf(operands: readonly Operand[], numbers: readonly number[]): Value[] {
  let at = 0;
  return operands.map(({ type: { shape } }) => {
    const size = sizeOf(shape);
    at += size;
    return valueOf(numbers.slice(at - size, at), shape);
  });
}

/** Values as inputs by name. */
export function inputsOf(operands: readonly Operand[], values: readonly Value[]): Record<string, Value> {
  return Object.fromEntries(operands.map(({ name }, i) => [name, values[i]]));
}

/** The numbers of values in the machine's order: those that are numbers, then the elements of arrays. */
export function machineOperands(values: readonly Value[]): number[] {
  const isNumber = (value: Value) => typeof value === "number";
  return [...values.filter(isNumber), ...values.filter((value) => !isNumber(value))].flatMap(numbersOf);
}

/** What each number of the operands may be on a machine of values 0..n-1, in the order of `valuesOf`. */
export function rangesOf(operands: readonly Operand[], n: number): NumberRange[] {
  return operands.flatMap(({ type: { shape, low, high } }) =>
    new Array<NumberRange>(sizeOf(shape)).fill({ low, high: Math.min(high, n - 1) }),
  );
}

/** The shapes of the operands that are arrays, by name. */
export function shapesOf(operands: readonly Operand[]): Record<string, readonly number[]> {
  return Object.fromEntries(
    operands.flatMap(({ name, type: { shape } }) => (shape.length === 0 ? [] : [[name, shape]])),
  );
}

/** Whether the machine can run a program: all its numbers are whole. */
export const isForMachine = ({ operands, result }: { operands: readonly Operand[]; result: Pick<Operand, "type"> }) =>
  [...operands, result].every(({ type }) => type.domain === "whole");
