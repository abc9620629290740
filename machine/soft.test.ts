import { describe, expect, it } from "vitest";
import { assemble, type Image, instructionCount, instructions, link, parseAssembly } from "../assembler/index.js";
import { aNormalForm, readProgram, SoftmachineError } from "../scheme/index.js";
import {
  entropies,
  flash,
  flashLogits,
  initialState,
  logitsGradient,
  oneHot,
  programFromLogits,
  randomDistributions,
  runExact,
  SoftMachine,
  seededRandom,
  softRun,
  softTrace,
  TableAlu,
  tracePair,
} from "./index.js";

const imageOf = (text: string, n: number, memory = n): Image =>
  link([assemble(aNormalForm(readProgram(text)))], { n, registers: 9, memory });

describe("the soft machine", () => {
  it.each([
    ["(let loop ((a a) (b b) (d d)) (if (= d 0) a (loop b (+ a b) (- d 1))))", 8, [3, 2, 4]],
    ["(define (sum n) (if (= n 0) 0 (+ n (sum (- n 1))))) (sum n)", 16, [6]],
    ["(define (e n) (if (= n 0) 1 (o (- n 1)))) (define (o n) (if (= n 0) 0 (e (- n 1)))) (e n)", 16, [7]],
    ["(define (fib n) (if (< n 2) n (+ (fib (- n 1)) (fib (- n 2))))) (fib n)", 64, [5]],
    ["(+ (gcd a b) (quotient a 3) (lcm a 4) (min a b) (max 2 b) (if (and a b) 1 2))", 20, [12, 18]],
  ])("equals the exact machine bit for bit at each step of %s", (text, n, operands) => {
    const image = imageOf(text, n);
    const { soft, exact } = tracePair(image, "main", operands);
    const state = initialState(image, "main", oneHot(operands, n), 1);
    softTrace(flash(image), state, exact.length, "float32").forEach((single, i) => {
      for (const part of ["registers", "memory", "counter"] as const) {
        expect(single[part].every((p, j) => p === soft[i][part][j])).toBe(true);
      }
      expect(single.halted).toBe(soft[i].halted);
    });
    expect(soft).toHaveLength(exact.length + 1);
    exact.forEach(({ registers, memory, next, halted }, i) => {
      const state = soft[i + 1];
      expect(state.registers).toEqual(oneHot([...registers], n));
      expect(state.memory).toEqual(oneHot([...memory], n));
      expect(state.counter[next]).toBe(1);
      expect(state.counter.filter((p) => p !== 0)).toHaveLength(1);
      expect(state.halted).toBe(halted ? 1 : 0);
    });
    expect(exact[exact.length - 1].halted).toBe(true);
  });

  it("executes every instruction as the exact machine does from one-hot states", () => {
    const lines = [
      "a: inc r0, r0",
      "read r2, r1",
      "call r3, r0, @b",
      "b: store r4, @a",
      "write r1, r2",
      "ret r1",
      "halt",
    ];
    const image = link([parseAssembly(`.operands x y\n.data 2 3 4 1\n${lines.join("\n")}`)], { n: 7, registers: 5 });
    for (const [x, y] of [
      [2, 2],
      [2, 6],
      [5, 0],
    ]) {
      const state = initialState(image, "main", oneHot([x, y], 7), 1);
      const soft = softRun(flash(image), state, { steps: 40 });
      let exact: ReturnType<typeof runExact> | undefined;
      try {
        exact = runExact(image, "main", [x, y], { steps: 40 });
      } catch (error) {
        expect(error).toBeInstanceOf(SoftmachineError);
      }
      expect(soft.halted[0]).toBe(exact === undefined ? 0 : 1);
      if (exact !== undefined) expect(soft.registers).toEqual(oneHot([...exact.registers], 7));
    }
  });

  it("stops a row that has halted with certainty, with the same read-out", () => {
    const image = imageOf("(+ a b)", 5);
    const state = initialState(image, "main", randomDistributions(4, 5, seededRandom(1)), 2);
    const stopped = softRun(flash(image), state, { steps: 50 });
    const full = softRun(flash(image), state, { steps: 50, stopWhenHalted: false });
    expect([...stopped.steps]).toEqual([2, 2]);
    expect([...full.steps]).toEqual([50, 50]);
    expect(stopped.registers).toEqual(full.registers);
  });

  it("reads out the mixture over halting times", () => {
    const image = link([parseAssembly("const r0, #1\nhalt\nconst r0, #2\nhalt")], { n: 4, registers: 1 });
    const program = flash(image);
    // The first halt is a halt with probability 0.25, else it does nothing.
    program.op.fill(0, instructionCount, 2 * instructionCount);
    program.op[instructionCount] = 0.25;
    program.op[instructionCount + instructions.write.number] = 0.75;
    const { registers, halted } = softRun(program, initialState(image, "main", oneHot([], 4), 1), { steps: 9 });
    expect([...registers]).toEqual([0, 0.25, 0.75, 0]);
    expect(halted[0]).toBe(1);
  });

  it("begins a batch of any size", () => {
    const image = imageOf("a", 2, 1);
    expect(initialState(image, "main", new Float64Array(2 * 200_000), 200_000).batch).toBe(200_000);
  });

  it("refuses a state of another shape", () => {
    const image = imageOf("(+ a b)", 5);
    const state = initialState(image, "main", oneHot([1, 2], 5), 1);
    expect(() => softRun(flash(imageOf("(+ a b)", 6)), state, { steps: 4 })).toThrow(
      "the state's registers must be [1, 9, 6]; got 45 numbers",
    );
    expect(() => initialState(image, "main", oneHot([1], 5), 1)).toThrow("operands must be [1, 2, 5]; got 5 numbers");
    expect(() => oneHot([5], 5)).toThrow("5 is not a whole number from 0 to 4 (n = 5)");
  });
});

describe("soft traces", () => {
  it("give entropies in bits", () => {
    const image = imageOf("(+ a 1)", 4);
    const uniform = new Float64Array(4).fill(0.25);
    const [start, added] = softTrace(flash(image), initialState(image, "main", uniform, 1), 5);
    expect(start).toMatchObject({ step: 0, counterEntropy: 0, halted: 0 });
    expect(added.registerEntropies[0]).toBe(2);
    expect(added.registerEntropies[1]).toBe(0);
  });
});

describe("bad input to the soft machine", () => {
  const image = imageOf("(* a b)", 8);
  const program = flash(image);
  const state = initialState(image, "main", oneHot([1, 2], 8), 1);
  const wide = (memory: number): Image => imageOf("(* a b)", 65536, memory);
  it.each([
    [
      () => softRun(program, state, { steps: 1.5 }),
      "the steps of a soft run must be a whole number from 0 to 2147483647",
    ],
    [
      () => softRun(program, state, { steps: 2 ** 31 }),
      "the steps of a soft run must be a whole number from 0 to 2147483647",
    ],
    [() => softTrace(program, state, Number.POSITIVE_INFINITY), "the steps of a soft run must be a whole number"],
    [() => softTrace(program, initialState(image, "main", new Float64Array(0), 0), 2), "a batch of 0 has no row"],
    [() => softRun({ ...program, op: new Float64Array(3) }, state, { steps: 1 }), 'the program\'s "op" must be ['],
    [
      () => softRun({ ...program, labels: program.labels.map(() => 99) }, state, { steps: 1 }),
      "label 0 names line 99 of",
    ],
    [() => new SoftMachine(flash(image), { batch: 1 }).load(flash(imageOf("(* a b)", 9))), "of the shape that it was"],
    [() => new SoftMachine(program, { batch: Number.NaN }), "the batch must be a whole number of at least 0; got NaN"],
    [() => new SoftMachine(program, { batch: 1, gradientSteps: -1 }), "records must be a whole number of at least 0"],
    [() => Reflect.construct(SoftMachine, [program, { batch: 1, dtype: "float16" }]), 'not "float16"'],
    [() => Reflect.apply(softRun, undefined, [{ ...program, mixing: "none" }, state, { steps: 1 }]), 'not "none"'],
    [() => new TableAlu(-1), "n must be a whole number of at least 2; got -1"],
    [() => new SoftMachine(flash(image), { batch: 1 }).backward(), "backward needs a recorded run"],
    [() => new SoftMachine(flash(image), { batch: 1 }).forward({ steps: 2 }, true), "records 0 steps, not 2"],
    [() => initialState(image, "main", new Float64Array(0), -1), "the batch must be a whole number of at least 0"],
    [() => initialState(image, "main", new Float64Array(16).fill(Number.NaN), 1), "the distribution of operand a"],
    [() => initialState(wide(65536), "main", new Float64Array(131072), 1), "the memory cells [1, 65536, 65536] are"],
    [() => flash(wide(1)), "the soft machine takes n up to 4096, not 65536; the exact machine runs it"],
    [() => oneHot([0], -1), "n must be a whole number of at least 1; got -1"],
    [() => oneHot([0], 1e12), "more than the 268,435,456 that a soft run may hold"],
    [() => entropies(new Float64Array(4), 0), "the width of a distribution must be a whole number"],
    [() => randomDistributions(1, -1, seededRandom(1)), "the width of a distribution must be a whole number"],
    [() => programFromLogits(image, { ...flashLogits(image, 1), k: new Float64Array(3) }), 'the logits "k" must be ['],
    [() => logitsGradient(program, { ...program, a: new Float64Array(3) }), 'the gradient "a" must be ['],
  ])("says what is wrong: %#", (run, message) => {
    expect(run).toThrow(SoftmachineError);
    expect(run).toThrow(message);
  });
});
