import { checkWholeNumber, operationCount } from "../assembler/index.js";
import { zeros } from "./soft-arrays.js";
import type { SoftProgram } from "./soft-program.js";

/** Uniform numbers in [0, 1), the same for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * Random distributions [rows, width].
 *
 * @param sparsity the chance of an entry to be exactly zero; each row keeps at least one that is not.
 */
export function randomDistributions(rows: number, width: number, random: () => number, sparsity = 0): Float64Array {
  checkWholeNumber("the number of distributions", rows, 0);
  checkWholeNumber("the width of a distribution", width, 1);
  const result = zeros("the distributions", [rows, width]);
  for (let start = 0; start < result.length; start += width) {
    const row = result.subarray(start, start + width);
    for (let i = 0; i < width; i++) row[i] = random() < sparsity ? 0 : random();
    row[Math.floor(random() * width)] += 1 / width;
    const total = row.reduce((sum, value) => sum + value, 0);
    for (let i = 0; i < width; i++) row[i] /= total;
  }
  return result;
}

/** A program about which nothing is known: every field of every line a random distribution. */
export function randomSoftProgram(
  sizes: Pick<SoftProgram, "n" | "registers" | "memorySize" | "lines" | "tables">,
  random: () => number,
  sparsity = 0,
): SoftProgram {
  const { n, registers, lines } = sizes;
  const draw = (width: number): Float64Array => randomDistributions(lines, width, random, sparsity);
  return {
    ...sizes,
    labels: Int32Array.from({ length: n }, (_, value) => value % lines),
    op: draw(operationCount(sizes)),
    a: draw(registers),
    b: draw(registers),
    out: draw(registers),
    k: draw(n),
  };
}
