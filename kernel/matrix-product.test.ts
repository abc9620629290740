import { setTimeout } from "node:timers/promises";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { SoftmachineError } from "../scheme/index.js";
import {
  type MatrixProduct,
  matrixProduct,
  matrixProductScratch,
  newMemory,
  pageBytes,
  setThreads,
  workersAreReady,
} from "./index.js";

interface Problem {
  readonly batch: number;
  readonly rows: number;
  readonly depth: number;
  readonly columns: number;
  readonly transposeA: boolean;
  readonly transposeB: boolean;
  readonly oneA: boolean;
  readonly oneB: boolean;
}

/** Numbers of either sign in no order. */
const numbers = (count: number, phase: number) =>
  Float32Array.from({ length: count }, (_, i) => Math.sin(1.7 * i + phase) * (1 + (i % 5)));

const factors = ({ batch, rows, depth, columns, oneA, oneB }: Problem) => ({
  a: numbers((oneA ? 1 : batch) * rows * depth, 0),
  b: numbers((oneB ? 1 : batch) * depth * columns, 1),
});

/** Lays a problem out in a memory with a word between matrices, and returns the product with the words around it. */
function solve(problem: Problem) {
  const { batch, rows, depth, columns } = problem;
  const { a, b } = factors(problem);
  const size = batch * rows * columns;
  const [atA, atB] = [1, 2 + a.length];
  const atC = atB + b.length + 1;
  const scratch = atC + size + 1;
  const memory = newMemory(Math.ceil((4 * scratch + matrixProductScratch) / pageBytes));
  const words = new Float32Array(memory.buffer).fill(77);
  words.set(a, atA);
  words.set(b, atB);
  const addresses = { a: 4 * atA, b: 4 * atB, c: 4 * atC, scratch: 4 * scratch };
  matrixProduct(memory, { ...problem, ...addresses, batch, rows, depth, columns });
  expect(words.subarray(atA, atA + a.length)).toEqual(a);
  expect(words.subarray(atB, atB + b.length)).toEqual(b);
  expect([words[0], words[atB - 1], words[atC - 1], words[atC + size]]).toEqual([77, 77, 77, 77]);
  return words.slice(atC, atC + size);
}

/** The definition: plain loops, rounded at each operation, in stretches of 256 terms that are added up. */
function expected(problem: Problem): Float32Array {
  const { batch, rows, depth, columns, transposeA, transposeB, oneA, oneB } = problem;
  const { a, b } = factors(problem);
  const c = new Float32Array(batch * rows * columns);
  for (let at = 0; at < c.length; at++) {
    const column = at % columns;
    const row = Math.floor(at / columns) % rows;
    const matrix = Math.floor(at / (rows * columns));
    const term = (k: number) => {
      const left = (oneA ? 0 : matrix * rows * depth) + (transposeA ? k * rows + row : row * depth + k);
      const right = (oneB ? 0 : matrix * depth * columns) + (transposeB ? column * depth + k : k * columns + column);
      return Math.fround(a[left] * b[right]);
    };
    for (let start = 0; start < depth; start += 256) {
      let sum = 0;
      for (let k = start; k < Math.min(depth, start + 256); k++) sum = Math.fround(sum + term(k));
      c[at] += sum;
    }
  }
  return c;
}

const flags = {
  transposeA: fc.boolean(),
  transposeB: fc.boolean(),
  oneA: fc.boolean(),
  oneB: fc.boolean(),
};

describe("a matrix product", () => {
  test("is that of plain loops to the last bit, whatever the sizes, and touches nothing else", () => {
    const side = fc.nat(21);
    const problems = fc.record({ batch: fc.nat(3), rows: side, depth: side, columns: side, ...flags });
    fc.assert(
      fc.property(problems, (problem) => {
        expect(solve(problem)).toEqual(expected(problem));
      }),
    );
  });

  test.each([
    [131, 5, 3],
    [3, 515, 4],
    [2, 3, 1029],
    [130, 258, 17],
  ])("of more than a block, [%i, %i] by columns %i, is too", (rows, depth, columns) => {
    for (const transposeA of [false, true])
      for (const transposeB of [false, true]) {
        const problem = { batch: 1, rows, depth, columns, transposeA, transposeB, oneA: false, oneB: false };
        expect(solve(problem)).toEqual(expected(problem));
      }
  });

  test("shared among threads is the same to the last bit", async () => {
    setThreads(3);
    try {
      const sizes = { batch: 1, rows: 211, depth: 150, columns: 130, oneA: false, oneB: false };
      for (const transposeA of [false, true])
        for (const transposeB of [false, true]) {
          const problem = { ...sizes, transposeA, transposeB };
          const c = expected(problem);
          // Trials of both ways come within the first runs; workers start meanwhile.
          for (let run = 0; run < 8; run++) {
            expect(solve(problem)).toEqual(c);
            await setTimeout(20);
          }
        }
      expect(workersAreReady()).toBe(true);
    } finally {
      setThreads(1);
    }
  });

  const product: MatrixProduct = { a: 0, b: 64, c: 128, scratch: 192, batch: 1, rows: 2, depth: 3, columns: 2 };
  const pages = Math.ceil((192 + matrixProductScratch) / pageBytes);
  const wrong: [string, Partial<MatrixProduct>, string][] = [
    ["a misaligned address", { a: 2 }, "a must lie at a multiple of 4 bytes; got 2"],
    ["a negative address", { c: -4 }, "c must lie at a multiple of 4 bytes; got -4"],
    ["a factor past the end", { depth: 2 ** 20 }, "a, 8388608 bytes at 0, reaches outside the memory's"],
    ["scratch memory past the end", { scratch: 4 * pageBytes }, "reaches outside"],
    ["half a row", { rows: 0.5 }, "rows must be a whole number, at least 0; got 0.5"],
    ["a negative batch", { batch: -1 }, "batch must be a whole number, at least 0; got -1"],
  ];
  test.each(wrong)("refuses %s", (_, change, message) => {
    const act = () => matrixProduct(newMemory(pages), { ...product, ...change });
    expect(act).toThrow(SoftmachineError);
    expect(act).toThrow(message);
  });

  test("refuses what is no memory", () => {
    expect(() => matrixProduct({ buffer: new ArrayBuffer(64), grow: () => 0 }, product)).toThrow(
      "needs a WebAssembly.Memory",
    );
  });
});
