import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type AluMnemonic, assemble, type Image, instructionCount, instructions, link } from "../assembler/index.js";
import { aNormalForm, readProgram } from "../scheme/index.js";
import {
  type BinaryProgram,
  binaryToUnit,
  certainBits,
  certaintyLosses,
  entryOf,
  exactStates,
  flashBinary,
  initialBinaryState,
  randomDistributions,
  randomSoftProgram,
  runExact,
  SoftMachine,
  type SoftState,
  seededRandom,
  softBackward,
  softForward,
  softRun,
  softTrace,
  traceExact,
  unitToBinary,
} from "./index.js";
import { expectClose } from "./testing.js";
import { denseBinaryRun, randomBinaryCase } from "./testing-binary.js";

const imageOf = (text: string, n: number, memory?: number): Image =>
  link([assemble(aNormalForm(readProgram(text)))], { n, registers: 9, ...(memory !== undefined && { memory }) });

const range = (length: number): number[] => Array.from({ length }, (_, i) => i);

/** The states of a run of one row, each copied. */
function* statesOf(program: BinaryProgram, state: SoftState, steps: number) {
  const machine = new SoftMachine(program, { batch: 1 });
  for (const part of ["registers", "memory", "counter"] as const) machine.inputs[part].set(state[part]);
  for (const { state: now } of machine.trace(steps)) {
    const [registers, memory, counter, halted] = [now.registers, now.memory, now.counter, now.halted].map((part) =>
      Float64Array.from(part),
    );
    yield { registers, memory, counter, halted };
  }
}

const options = { steps: 3, stopWhenHalted: false };

describe("the machine on bits", () => {
  it.each([
    ["(let loop ((a a) (b b) (d d)) (if (= d 0) a (loop b (+ a b) (- d 1))))", 8, undefined, [3, 2, 4]],
    ["(define (sum n) (if (= n 0) 0 (+ n (sum (- n 1))))) (sum n)", 16, 11, [4]],
    ["(define (fib n) (if (< n 2) n (+ (fib (- n 1)) (fib (- n 2))))) (fib n)", 64, 64, [5]],
    ["(+ (gcd a b) (quotient a 3) (lcm a 4) (min a b) (max 2 b) (if (and a b) 1 2))", 65536, 4, [1200, 18]],
    ["(let loop ((x x) (i 0)) (if (= i 5) x (loop (modulo (+ (* x x) i) m) (+ i 1))))", 2 ** 24, 1, [99999, 9999991]],
    ["(let loop ((x x) (i 0)) (if (= i 5) x (loop (modulo (+ (* x x) i) m) (+ i 1))))", 2 ** 32, 1, [7e8, 4294967291]],
    ["(+ (gcd a b) (quotient b 7) (* a b) (max a b))", 2 ** 32, 3, [4294967290, 1100000000]],
    ["(define (sum n m) (if (= n 0) m (+ n (sum (- n 1) (* m 3))))) (sum n m)", 2 ** 32, 32, [4, 3000000001]],
  ])("equals the exact machine bit for bit at each step of %s (n = %i)", (text, n, memory, operands) => {
    const image = imageOf(text, n, memory);
    const bits = Math.log2(n);
    const exact = [...traceExact(image, "main", operands)];
    const state = initialBinaryState(image, "main", certainBits(operands, bits), 1);
    const states = [...statesOf(flashBinary(image), state, exact.length + 5)];
    expect(states).toHaveLength(exact.length + 1);
    exact.forEach(({ registers, memory: cells, next, halted }, i) => {
      const now = states[i + 1];
      expect(now.registers).toEqual(certainBits(registers, bits));
      expect(now.memory).toEqual(certainBits(cells, bits));
      expect([...now.counter]).toEqual(range(image.lines).map((line) => (line === next ? 1 : 0)));
      expect(now.halted[0]).toBe(halted ? 1 : 0);
    });
    const { result } = runExact(image, "main", operands);
    const read = softRun(flashBinary(image), state, { steps: exact.length });
    expect(read.registers.subarray(0, bits)).toEqual(certainBits([result], bits));
    expect(read.steps[0]).toBe(exact.length);
  });

  it("runs certain rows among others, and all at once, to the same bits", () => {
    const bits = 32;
    const text = "(define (sum n m) (if (= n 0) (modulo m 65521) (+ n (sum (- n 1) (* m 3))))) (sum n m)";
    const image = imageOf(text, 2 ** bits, 24);
    const operands = [4, 3000000001, 0, 7, 3, 4294967295, 2, 12];
    const batch = 4;
    const state = initialBinaryState(image, "main", certainBits(operands, bits), batch);
    // A list of labels that says what the image's does, of all its lines, and as a table.
    const flashed = flashBinary(image);
    const labels = new Map(range(40).map((value) => [value, flashed.labels.get(value) ?? value % image.lines]));
    const labelTable = new Float64Array(labels.size * image.lines);
    [...labels.values()].forEach((line, row) => {
      labelTable[row * image.lines + line] = 1;
    });
    for (const program of [flashed, { ...flashed, labels }, { ...flashed, labels, labelTable }]) {
      for (const dtype of ["float64", "float32"] as const) {
        for (const [steps, stopWhenHalted] of [
          [400, true],
          [37, true],
          [90, false],
        ] as const) {
          const options = { steps, stopWhenHalted, dtype };
          // Without a record certain rows run as whole numbers; a recorded run is stepped.
          const found = softRun(program, state, options);
          const { result } = softForward(program, state, options);
          expect(found).toEqual(result);
          if (steps !== 400) continue;
          range(batch).forEach((row) => {
            const answer = runExact(image, "main", operands.slice(2 * row, 2 * row + 2));
            const at = row * image.registers * bits;
            expect(found.registers.slice(at, at + bits)).toEqual(certainBits([answer.result], bits));
            expect(found.steps[row]).toBe(answer.steps);
          });
        }
      }
    }
  });

  it("says where certainty was lost", () => {
    const image = imageOf("(if (< a b) (+ a 1) b)", 2 ** 20, 1);
    const exact = [...traceExact(image, "main", [6, 9])];
    const traced = (operands: Float64Array) => {
      const soft = softTrace(flashBinary(image), initialBinaryState(image, "main", operands, 1), exact.length);
      return {
        soft,
        losses: certaintyLosses({ soft, exact }, exactStates(image, entryOf(image, "main"), [6, 9], exact)),
      };
    };
    expect(traced(certainBits([6, 9], 20)).losses).toEqual([]);
    // Half 6 and half 7: one bit, which the comparison does not ask for, but the sum does.
    const uncertain = certainBits([6, 9], 20);
    uncertain[0] = 0.5;
    const { soft, losses } = traced(uncertain);
    expect(losses).toEqual([{ kind: "register", index: 0, step: 0, line: undefined, entropy: 1 }]);
    expect(soft[0].registerEntropies[0]).toBe(1);
    // After the sum, 7 or 8, each bit of which is uncertain.
    expect(soft.at(-1)?.registerEntropies[0]).toBe(4);
    expect([...(soft.at(-1)?.registers ?? [])].slice(0, 5)).toEqual([0.5, 0.5, 0.5, 0.5, 0]);
  });

  it("equals its definition on random soft programs", () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 5 }),
        (seed, bits, memory) => {
          const chosen = randomBinaryCase(seed, bits, memory);
          const expected = denseBinaryRun(chosen, options.steps);
          const found = softRun(chosen.program, chosen.state, options);
          for (const part of ["registers", "memory", "counter", "halted"] as const)
            expectClose(found[part], expected[part], 1e-12);
        },
      ),
      { numRuns: 25 },
    );
  });

  it("has after one step the bits of the machine on distributions, where circuits are exact", () => {
    const [bits, registers, lines] = [3, 3, 4];
    const n = 2 ** bits;
    const random = seededRandom(4);
    const inexact: readonly AluMnemonic[] = ["min", "max", "mul", "div", "mod"];
    for (let trial = 0; trial < 10; trial++) {
      const sizes = { n, registers, memorySize: 5, lines };
      const soft = randomSoftProgram(sizes, random);
      // Operands of one register each: a mixture of registers is one of values, and no longer of independent bits.
      for (const field of ["a", "b"] as const) {
        soft[field].fill(0);
        for (let line = 0; line < lines; line++) soft[field][line * registers + (field === "a" ? 0 : 1)] = 1;
      }
      for (let line = 0; line < lines; line++)
        for (const op of inexact) soft.op[line * instructionCount + instructions[op].number] = 0;
      const { labels, n: _, ...fields } = soft;
      const program = { ...fields, bits, labels: new Map<number, number>(), k: unitToBinary(soft.k, n, lines) };
      const batch = 2;
      const draw = (count: number) => Float64Array.from({ length: count * bits }, random);
      const state = {
        batch,
        registers: draw(batch * registers),
        memory: draw(batch * 5),
        counter: randomDistributions(batch, lines, random),
      };
      const unit = {
        ...state,
        registers: binaryToUnit(state.registers, bits, batch * registers),
        memory: binaryToUnit(state.memory, bits, batch * 5),
      };
      const exact = softRun(soft, unit, { steps: 1 });
      const found = softRun(program, state, { steps: 1 });
      expectClose(found.registers, unitToBinary(exact.registers, n, batch * registers), 1e-12);
      expectClose(found.memory, unitToBinary(exact.memory, n, batch * 5), 1e-12);
      expectClose(found.counter, exact.counter, 1e-12);
      expectClose(found.halted, exact.halted, 1e-12);
      expect(labels).toHaveLength(n);
    }
  });

  it("refuses what it can't run", () => {
    expect(() => flashBinary(imageOf("(+ a b)", 20))).toThrow("values of bits need n to be a power of two");
    const image = imageOf("(+ a b)", 16);
    const program = flashBinary(image);
    expect(() => initialBinaryState(image, "main", new Float64Array(7), 1)).toThrow(
      "operands must be [1, 2, 4]; got 7 numbers",
    );
    const state = initialBinaryState(image, "main", certainBits([1, 2], 4), 1);
    expect(() => softRun({ ...program, labels: new Map([[3, 99]]) }, state, { steps: 1 })).toThrow(
      `label 3 names line 99 of ${image.lines} lines`,
    );
    expect(() => softRun(program, { ...state, batch: 2 }, { steps: 1 })).toThrow("the state's registers must be");
    const { tape } = softForward(program, state, { steps: 1 });
    expect(() => softBackward(tape, { halted: new Float64Array(3) })).toThrow(
      "the cotangent of the halting probability must be [1]; got 3 numbers",
    );
  });
});
