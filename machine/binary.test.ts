import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type AluMnemonic,
  assemble,
  fieldsOf,
  type Image,
  instructionCount,
  instructions,
  link,
  type Mnemonic,
  operationCount,
  operationNumbered,
} from "../assembler/index.js";
import { aNormalForm, readProgram } from "../scheme/index.js";
import { binaryFieldWidth } from "./binary-program.js";
import { probabilityOf } from "./encodings.js";
import {
  aluMnemonics,
  type BinaryProgram,
  type BinaryState,
  binaryBackward,
  binaryForward,
  binaryRun,
  binaryToUnit,
  binaryTrace,
  CircuitAlu,
  certainBits,
  flashBinary,
  initialBinaryState,
  randomDistributions,
  randomSoftProgram,
  runExact,
  seededRandom,
  softRun,
  traceExact,
  unitToBinary,
} from "./index.js";
import { cotangentsFor, expectClose, lossOf, randomTables } from "./testing.js";

const imageOf = (text: string, n: number, memory?: number): Image =>
  link([assemble(aNormalForm(readProgram(text)))], { n, registers: 9, ...(memory !== undefined && { memory }) });

const range = (length: number): number[] => Array.from({ length }, (_, i) => i);
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

interface Case {
  readonly program: BinaryProgram;
  readonly state: BinaryState;
}

/** A random program and batch of states on bits; in some, half the probabilities are exactly 0 or 1. */
function randomCase(seed: number, bits: number, memorySize: number): Case {
  const random = seededRandom(seed);
  const [registers, lines, batch] = [3, 5, 2];
  const sparsity = random() < 0.5 ? 0.5 : 0;
  const draw = (count: number): Float64Array =>
    Float64Array.from({ length: count }, () => (random() < sparsity ? Math.round(random()) : random()));
  const logits = random() < 0.3;
  const tables = random() < 0.5 ? { tables: randomTables(2 ** bits, random) } : {};
  const sizes = { n: 2 ** bits, registers, memorySize, lines, ...tables };
  const { op, a, b, out } = randomSoftProgram(sizes, random, sparsity);
  const field = (p: Float64Array): Float64Array => (logits ? p.map((value) => 4 * value) : p);
  const labels = new Map(random() < 0.5 ? [] : range(2 ** bits).map((value) => [value, Math.floor(random() * lines)]));
  return {
    program: {
      ...{ bits, registers, memorySize, lines, ...tables, labels, mixing: logits ? "logits" : "distributions" },
      ...{ op: field(op), a: field(a), b: field(b), out: field(out), k: field(draw(lines * bits)) },
    },
    state: {
      batch,
      registers: draw(batch * registers * bits),
      memory: draw(batch * memorySize * bits),
      counter: randomDistributions(batch, lines, random, sparsity),
    },
  };
}

/** The machine on bits by its definition: sums over all values, each the product of its bits. */
function denseRun({ program, state }: Case, steps: number) {
  const { bits, registers, memorySize, lines, tables = [], labels, mixing } = program;
  const alu = new CircuitAlu(bits);
  const halts: number[] = [];
  const parts = { registers: [] as number[], memory: [] as number[], counter: [] as number[] };
  const rows = (flat: Float64Array, width: number, first: number, count: number): number[][] =>
    range(count).map((r) => [...flat.subarray((first + r) * width, (first + r + 1) * width)]);
  const mix = (w: readonly number[], xs: readonly (readonly number[])[]): number[] =>
    xs[0].map((_, i) => sum(w.map((p, r) => p * xs[r][i])));
  const softmax = (x: readonly number[]): number[] => x.map((v) => Math.exp(v) / sum(x.map(Math.exp)));
  /** A distribution over things, by the thing that each value names. */
  const named = (p: readonly number[], count: number, nameOf: (value: number) => number): number[] => {
    const result = new Array<number>(count).fill(0);
    for (const value of range(2 ** bits)) result[nameOf(value)] += probabilityOf(value, Float64Array.from(p), 0, bits);
    return result;
  };
  for (const row of range(state.batch)) {
    let R = rows(state.registers, bits, row * registers, registers);
    let M = rows(state.memory, bits, row * memorySize, memorySize);
    let [c] = rows(state.counter, lines, row, 1);
    let h = 0;
    let readR = R.map((r) => r.map(() => 0));
    let readM = M.map((r) => r.map(() => 0));
    const plus = (w: number, x: number[][], y: number[][]) => x.map((r, i) => r.map((p, j) => p + w * y[i][j]));
    for (let t = 0; t < steps; t++) {
      const field = (name: "op" | "a" | "b" | "out" | "k"): number[] => {
        const mixed = mix(c, rows(program[name], binaryFieldWidth(name, program), 0, lines));
        if (mixing !== "logits") return mixed;
        return name === "k" ? mixed.map((x) => 1 / (1 + Math.exp(-x))) : softmax(mixed);
      };
      const [f, out, k] = [field("op"), field("out"), field("k")];
      const [u, v] = [mix(field("a"), R), mix(field("b"), R)];
      const weight = (...names: Mnemonic[]): number => sum(names.map((name) => f[instructions[name].number]));
      const address = named(u, memorySize, (value) => value % memorySize);
      const [uLines, vLines] = [u, v].map((p) => named(p, lines, (value) => labels.get(value) ?? value % lines));
      const made = aluMnemonics.map((op) => {
        const certain = new Float64Array(instructionCount);
        certain[instructions[op].number] = 1;
        return [...alu.forward(certain, Float64Array.from(u), Float64Array.from(v), 1)];
      });
      const [ofU, ofV] = [u, v].map((p) => named(p, 2 ** bits, (value) => value));
      const tabulated = range(bits).map((i) =>
        sum(
          tables.map(({ operands, values }, t) => {
            const pairs = operands === 1 ? ofU : ofU.flatMap((p) => ofV.map((q) => p * q));
            return f[instructionCount + t] * sum(pairs.map((p, pair) => ((values[pair] >> i) & 1) * p));
          }),
        ),
      );
      const loaded = mix(address, M);
      const immediate = weight("const", "call", "store");
      const o = range(bits).map(
        (i) =>
          sum(aluMnemonics.map((op, j) => weight(op) * made[j][i])) +
          tabulated[i] +
          (immediate * k[i] + weight("read") * loaded[i]),
      );
      const writing = sum(f.map((p, op) => (fieldsOf(operationNumbered(program, op)).includes("out") ? p : 0)));
      const halting = (1 - h) * weight("halt");
      readR = plus(halting, readR, R);
      readM = plus(halting, readM, M);
      h += halting;
      const flagIs = (value: number): number => probabilityOf(value, Float64Array.from(u), 0, bits);
      const taken = weight("jump") * flagIs(1) + weight("jez") * flagIs(0);
      const always = weight("call", "ret");
      const before = c;
      c = range(lines).map(
        (line) =>
          (1 - taken - always) * before[(line + lines - 1) % lines] + taken * vLines[line] + always * uLines[line],
      );
      R = R.map((r, i) => r.map((p, j) => (1 - writing * out[i]) * p + out[i] * o[j]));
      M = M.map((r, i) => {
        const w = weight("write") * address[i];
        return r.map((p, j) => (1 - w) * p + w * v[j]);
      });
    }
    parts.registers.push(...plus(1 - h, readR, R).flat());
    parts.memory.push(...plus(1 - h, readM, M).flat());
    parts.counter.push(...c);
    halts.push(h);
  }
  return { ...parts, halted: halts };
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
    const states = binaryTrace(flashBinary(image), state, exact.length + 5);
    expect(states).toHaveLength(exact.length + 1);
    exact.forEach(({ registers, memory: cells, next, halted }, i) => {
      const now = states[i + 1];
      expect(now.registers).toEqual(certainBits(registers, bits));
      expect(now.memory).toEqual(certainBits(cells, bits));
      expect([...now.counter]).toEqual(range(image.lines).map((line) => (line === next ? 1 : 0)));
      expect(now.halted[0]).toBe(halted ? 1 : 0);
    });
    const { result } = runExact(image, "main", operands);
    const read = binaryRun(flashBinary(image), state, { steps: exact.length });
    expect(read.registers.subarray(0, bits)).toEqual(certainBits([result], bits));
    expect(read.steps[0]).toBe(exact.length);
  });

  it("equals its definition on random soft programs", () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 5 }),
        (seed, bits, memory) => {
          const chosen = randomCase(seed, bits, memory);
          const expected = denseRun(chosen, options.steps);
          const found = binaryRun(chosen.program, chosen.state, options);
          for (const part of ["registers", "memory", "counter", "halted"] as const)
            expectClose(found[part], expected[part], 1e-12);
        },
      ),
      { numRuns: 25 },
    );
  });

  it.each([
    [1, 3, 3],
    [2, 2, 4],
    [3, 4, 2],
    [7, 3, 5],
    [11, 3, 4],
  ])("has the gradients of its definition (seed %i, %i bits, %i memory cells)", (seed, bits, memory) => {
    const chosen = randomCase(seed, bits, memory);
    const { program, state } = chosen;
    const random = seededRandom(seed);
    const cotangents = cotangentsFor(chosen, random);
    const { tape } = binaryForward(program, state, options);
    const { program: fields, ...rest } = binaryBackward(tape, cotangents);
    const loss = (): number => lossOf(cotangents, denseRun(chosen, options.steps));
    const { op, a, b, out, k } = program;
    const { registers, memory: cells, counter } = state;
    const gradients = { ...rest, ...fields };
    for (const [name, part] of Object.entries({ registers, memory: cells, counter, op, a, b, out, k })) {
      const gradient = Object.entries(gradients).find(([key]) => key === name)?.[1];
      for (let trial = 0; trial < 4; trial++) {
        const i = Math.floor(random() * part.length);
        const value = part[i];
        part[i] = value + 1e-5;
        const above = loss();
        part[i] = value - 1e-5;
        const slope = (above - loss()) / 2e-5;
        part[i] = value;
        const found = gradient?.[i] ?? Number.NaN;
        expect([name, Math.abs(found - slope) < 1e-7 * (1 + Math.abs(slope))]).toEqual([name, true]);
      }
    }
  });

  it("trains what a mask has, and nothing else", () => {
    const { program, state } = randomCase(5, 3, 4);
    const { tape } = binaryForward(program, state, options);
    const cotangents = { registers: state.registers.map((_, i) => i % 3) };
    const all = binaryBackward(tape, cotangents).program;
    const some = binaryBackward(tape, cotangents, { program: { op: [0, 1, 0, 0, 0] } });
    all?.op.forEach((slope, i) => {
      expect(some.program?.op[i]).toBe(Math.floor(i / operationCount(program)) === 1 ? slope : 0);
    });
    expect(some.program?.a.every((slope) => slope === 0)).toBe(true);
    const none = binaryBackward(tape, cotangents, { program: false });
    expect(none.program).toBeUndefined();
    expectClose(none.registers, some.registers, 1e-13);
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
      const found = binaryRun(program, state, { steps: 1 });
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
    expect(() => binaryRun({ ...program, labels: new Map([[3, 99]]) }, state, { steps: 1 })).toThrow(
      `label 3 names line 99 of ${image.lines} lines`,
    );
    expect(() => binaryRun(program, { ...state, batch: 2 }, { steps: 1 })).toThrow("the state's registers must be");
    const { tape } = binaryForward(program, state, { steps: 1 });
    expect(() => binaryBackward(tape, { halted: new Float64Array(3) })).toThrow(
      "the cotangent of the halting probability must be [1]; got 3 numbers",
    );
  });
});
