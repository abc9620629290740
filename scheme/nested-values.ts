import type { Value } from "./ops.js";
import type { Shape } from "./shapes.js";

/** The numbers of a value, row by row. */
export const numbersIn = (value: Value): number[] => (typeof value === "number" ? [value] : value.flat());

/** Numbers, row by row, as a value of a shape, from the one at `offset` on. */
export function valueOfShape([rows, columns]: Shape, numbers: ArrayLike<number>, offset = 0): Value {
  const row = (start: number, length: number) => Array.from({ length }, (_, i) => numbers[start + i]);
  if (rows === undefined) return numbers[offset];
  if (columns === undefined) return row(offset, rows);
  return Array.from({ length: rows }, (_, i) => row(offset + i * columns, columns));
}
