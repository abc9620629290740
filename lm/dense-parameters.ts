/** Parameters that every batch uses: arrays that hold them one after the other, so that a step is one kernel. */
import type { AdamArrays, Moments } from "../direct/index.js";
import { sizeOf } from "../scheme/index.js";

/** Parameters of these shapes as parts of the arrays, by name. */
export function partsOf(
  arrays: AdamArrays,
  shapes: Readonly<Record<string, readonly number[]>>,
): ReadonlyMap<string, Moments<Float32Array>> {
  const parts = new Map<string, Moments<Float32Array>>();
  let at = 0;
  for (const [name, shape] of Object.entries(shapes)) {
    const [start, end] = [at, at + sizeOf(shape)];
    const { value, first, second } = arrays;
    parts.set(name, {
      value: value.subarray(start, end),
      first: first.subarray(start, end),
      second: second.subarray(start, end),
    });
    at = end;
  }
  return parts;
}

/** The sum of squares, as four sums: an addition need not wait for the one before. */
export function squaresOf(numbers: Float32Array): number {
  let [a, b, c, d] = [0, 0, 0, 0];
  let i = 0;
  for (; i + 3 < numbers.length; i += 4) {
    a += numbers[i] * numbers[i];
    b += numbers[i + 1] * numbers[i + 1];
    c += numbers[i + 2] * numbers[i + 2];
    d += numbers[i + 3] * numbers[i + 3];
  }
  for (; i < numbers.length; i++) a += numbers[i] * numbers[i];
  return a + b + c + d;
}
