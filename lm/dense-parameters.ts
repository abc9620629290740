/** Parameters that every batch uses: arrays that hold them one after the other, so that a step is one kernel. */
import type { AdamArrays, Moments } from "../direct/index.js";
import { sizeOf } from "../scheme/index.js";
import { normal, PURPOSES, random } from "./random.js";

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

/** The first values of a parameter: gains at one, matrices normal, smaller where they write to the residual stream. */
export function firstValues(
  name: string,
  shape: readonly number[],
  layers: number,
  seed: number,
  index: number,
): Float32Array {
  const size = sizeOf(shape);
  if (shape.length === 1) return new Float32Array(size).fill(1);
  const next = random(seed, PURPOSES.parameters, index);
  const residual = name.endsWith("attention.output") || name.endsWith("feed-forward.down");
  const deviation = 1 / Math.sqrt(shape[0] * (residual ? 2 * layers : 1));
  return Float32Array.from({ length: size }, () => deviation * normal(next));
}
