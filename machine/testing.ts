import { expect } from "vitest";
import type { OperationTable } from "../assembler/index.js";
import {
  randomDistributions,
  randomSoftProgram,
  type SoftCotangents,
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

/** An operation of one operand and one of two, with any results. */
export function randomTables(n: number, random: () => number): readonly OperationTable[] {
  const values = (count: number) => Uint16Array.from({ length: count }, () => Math.floor(random() * n));
  return [
    { name: "grid.sin", operands: 1, values: values(n) },
    { name: "grid.+", operands: 2, values: values(n * n) },
  ];
}

/**
 * A random soft program and state; in some, half the entries are exactly zero, the labels are distributions, the program's
 * fields are logits, or it has operations of its own.
 */
export function randomCase(seed: number, n: number, memorySize = n): Case {
  const random = seededRandom(seed);
  const [registers, lines, batch] = [4, 6, 2];
  const sparsity = random() < 0.5 ? 0.5 : 0;
  const draw = (rows: number, width: number): Float64Array => randomDistributions(rows, width, random, sparsity);
  const tables = random() < 0.5 ? { tables: randomTables(n, random) } : {};
  const program = randomSoftProgram({ n, registers, memorySize, lines, ...tables }, random, sparsity);
  const labels = program.labels.map(() => Math.floor(random() * lines));
  const labelTable = random() < 0.5 ? draw(n, lines) : undefined;
  const logits = (field: Float64Array): Float64Array => field.map((p) => 4 * p);
  const { op, a, b, out, k } = program;
  const mixed =
    random() < 0.7
      ? {}
      : {
          ...{ op: logits(op), a: logits(a), b: logits(b), out: logits(out), k: logits(k) },
          mixing: "logits" as const,
        };
  return {
    program: { ...program, labels, labelTable, ...mixed },
    state: {
      batch,
      registers: draw(batch * registers, n),
      memory: draw(batch * memorySize, n),
      counter: draw(batch, lines),
    },
  };
}

/** The parts of a case that a loss depends on, by name. */
export function partsOf({ program, state }: Case): Record<string, Float64Array> {
  const { op, a, b, out, k, labelTable } = program;
  const { registers, memory, counter } = state;
  return { registers, memory, counter, op, a, b, out, k, ...(labelTable && { labelTable }) };
}

/** Random weights of a run's results in a loss: the loss's gradient with respect to them. */
export function cotangentsFor({ state }: Pick<Case, "state">, random: () => number): Required<SoftCotangents> {
  const like = (array: Float64Array): Float64Array => array.map(() => random() - 0.5);
  const { registers, memory, counter, batch } = state;
  return {
    registers: like(registers),
    memory: like(memory),
    counter: like(counter),
    halted: like(new Float64Array(batch)),
  };
}

/** The loss: the results weighted and summed up. */
export function lossOf(
  cotangents: Required<SoftCotangents>,
  results: { readonly [Part in keyof SoftCotangents]-?: ArrayLike<number> },
): number {
  let loss = 0;
  for (const part of ["registers", "memory", "counter", "halted"] as const) {
    cotangents[part].forEach((weight: number, i: number) => {
      loss += weight * results[part][i];
    });
  }
  return loss;
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
