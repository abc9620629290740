import { fieldsOf, instructionCount, instructions, type Mnemonic, operationNumbered } from "../assembler/index.js";
import { sizesOf } from "./encoded-program.js";
import { probabilityOf } from "./encodings.js";
import {
  aluMnemonics,
  type BinaryProgram,
  CircuitAlu,
  randomDistributions,
  randomSoftProgram,
  type SoftState,
  seededRandom,
} from "./index.js";
import { fieldWidth } from "./soft-program.js";
import { randomTables } from "./testing.js";

const range = (length: number): number[] => Array.from({ length }, (_, i) => i);
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

export interface BinaryCase {
  readonly program: BinaryProgram;
  readonly state: SoftState;
}

/**
 * A random program and batch of states on bits; in some, half the probabilities are exactly 0 or 1, values name lines of
 * their own or distributions over lines, or the program's fields are logits.
 */
export function randomBinaryCase(seed: number, bits: number, memorySize: number): BinaryCase {
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
  const labelled = random() < 0.3 ? [] : range(2 ** bits).filter(() => random() < 0.7);
  const labels = new Map(labelled.map((value) => [value, Math.floor(random() * lines)]));
  const table = random() < 0.6 ? { labelTable: randomDistributions(labels.size, lines, random, sparsity) } : {};
  return {
    program: {
      ...{
        bits,
        registers,
        memorySize,
        lines,
        ...tables,
        labels,
        ...table,
        mixing: logits ? "logits" : "distributions",
      },
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
export function denseBinaryRun({ program, state }: BinaryCase, steps: number) {
  const { bits, registers, memorySize, lines, tables = [], labels, labelTable, mixing } = program;
  const alu = new CircuitAlu(bits);
  const halts: number[] = [];
  const parts = { registers: [] as number[], memory: [] as number[], counter: [] as number[] };
  const rows = (flat: Float64Array, width: number, first: number, count: number): number[][] =>
    range(count).map((r) => [...flat.subarray((first + r) * width, (first + r + 1) * width)]);
  const mix = (w: readonly number[], xs: readonly (readonly number[])[]): number[] =>
    xs[0].map((_, i) => sum(w.map((p, r) => p * xs[r][i])));
  const softmax = (x: readonly number[]): number[] => x.map((v) => Math.exp(v) / sum(x.map(Math.exp)));
  /** A distribution over things, by the distribution over them that each value names. */
  const named = (p: readonly number[], nameOf: (value: number) => readonly number[]): number[] => {
    const names = range(2 ** bits).map(nameOf);
    return mix(
      range(2 ** bits).map((value) => probabilityOf(value, Float64Array.from(p), 0, bits)),
      names,
    );
  };
  const one = (index: number, count: number): number[] => range(count).map((i) => (i === index ? 1 : 0));
  const listed = [...labels.keys()];
  const lineOf = (value: number): number[] => {
    const row = listed.indexOf(value);
    if (row >= 0 && labelTable) return [...labelTable.subarray(row * lines, (row + 1) * lines)];
    return one(labels.get(value) ?? value % lines, lines);
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
        const mixed = mix(c, rows(program[name], fieldWidth(name, sizesOf(program)), 0, lines));
        if (mixing !== "logits") return mixed;
        return name === "k" ? mixed.map((x) => 1 / (1 + Math.exp(-x))) : softmax(mixed);
      };
      const [f, out, k] = [field("op"), field("out"), field("k")];
      const [u, v] = [mix(field("a"), R), mix(field("b"), R)];
      const weight = (...names: Mnemonic[]): number => sum(names.map((name) => f[instructions[name].number]));
      const address = named(u, (value) => one(value % memorySize, memorySize));
      const [uLines, vLines] = [u, v].map((p) => named(p, lineOf));
      const [ofU, ofV] = [u, v].map((p) => named(p, (value) => one(value, 2 ** bits)));
      const tabulated = range(bits).map((i) =>
        sum(
          tables.map(({ operands, values }, t) => {
            const pairs = operands === 1 ? ofU : ofU.flatMap((p) => ofV.map((q) => p * q));
            return f[instructionCount + t] * sum(pairs.map((p, pair) => ((values[pair] >> i) & 1) * p));
          }),
        ),
      );
      const made = aluMnemonics.map((op) => {
        const certain = new Float64Array(instructionCount);
        certain[instructions[op].number] = 1;
        return [...alu.forward(certain, Float64Array.from(u), Float64Array.from(v), 1)];
      });
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
