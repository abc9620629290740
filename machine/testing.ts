import { expect } from "vitest";
import {
  randomDistributions,
  randomSoftProgram,
  type SoftOptions,
  type SoftProgram,
  type SoftState,
  seededRandom,
} from "./index.js";

/** A soft program and a batch of states that it may run on. */
export interface Case {
  readonly program: SoftProgram;
  readonly state: SoftState;
}

/** A random soft program and state; with half the entries exactly zero in some. */
export function randomCase(seed: number, n: number, memorySize = n): Case {
  const random = seededRandom(seed);
  const [registers, lines, batch] = [4, 6, 2];
  const sparsity = random() < 0.5 ? 0.5 : 0;
  const draw = (rows: number, width: number): Float64Array => randomDistributions(rows, width, random, sparsity);
  const program = randomSoftProgram({ n, registers, memorySize, lines }, random, sparsity);
  return {
    program: { ...program, labels: program.labels.map(() => Math.floor(random() * lines)) },
    state: {
      batch,
      registers: draw(batch * registers, n),
      memory: draw(batch * memorySize, n),
      counter: draw(batch, lines),
    },
  };
}
/** Every row takes four steps. */
export const options: SoftOptions = { steps: 4, stopWhenHalted: false };

/** Expects numbers near to others, relative to those above 1. */
export function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void {
  expect(actual.length).toBe(expected.length);
  let worst = 0;
  for (let i = 0; i < expected.length; i++) {
    worst = Math.max(worst, Math.abs(actual[i] - expected[i]) / (1 + Math.abs(expected[i])));
    if (Number.isNaN(actual[i])) worst = Number.NaN;
  }
  expect(worst).toBeLessThan(tolerance);
}
