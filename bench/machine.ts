import { assemble, type Image, link } from "../assembler/index.js";
import { threads } from "../kernel/index.js";
import {
  ExactMachine,
  entryOf,
  flash,
  initialState,
  oneHot,
  randomDistributions,
  randomSoftProgram,
  runExact,
  SoftMachine,
  type SoftProgram,
  type SoftState,
  seededRandom,
} from "../machine/index.js";
import { aNormalForm, readProgram } from "../scheme/index.js";
import { peerTimes, type Times } from "./soft-peer.js";
import { microseconds, report } from "./timing.js";

const batch = 16;
const steps = 16;
const registers = 8;
const lines = 16;

const milliseconds = (call: () => void): number => microseconds(call) / 1000;

const fibonacci = "(let loop ((a a) (b b) (depth depth)) (if (= depth 0) a (loop b (+ a b) (- depth 1))))";

const busy = `(let outer ((j 1000) (sum 0))
  (if (= j 0) sum (let loop ((i 0) (sum sum)) (if (= i 10000) (outer (- j 1) sum) (loop (+ i 1) (+ sum (* i i)))))))`;

const nested = `(let outer ((i i) (s 0))
  (if (= i 0) s (let loop ((j 12) (s s)) (if (= j 0) (outer (- i 1) s) (loop (- j 1) (+ s (* i j)))))))`;

const imageOf = (source: string, n: number): Image =>
  link([assemble(aNormalForm(readProgram(source)))], { n, registers });

function exactSpeed(): void {
  const image = link([assemble(aNormalForm(readProgram(busy)))], { n: 65536 });
  let done = 0;
  const ms = milliseconds(() => {
    done = runExact(image, "main", [], { steps: 1e9 }).steps;
  });
  report({ bench: "exact-machine", steps: done, steps_per_second: Math.round((done / ms) * 1000) });
}

function setState(machine: SoftMachine, state: SoftState): void {
  machine.inputs.registers.set(state.registers);
  machine.inputs.memory.set(state.memory);
  machine.inputs.counter.set(state.counter);
}

/** The peer's loss: the probability of 0 in the first register and the first memory cell, summed over the batch. */
function setLoss(machine: SoftMachine): void {
  const { registers: r, memory } = machine.cotangents;
  for (let row = 0; row < r.length; row += r.length / machine.layout.shape.batch) r[row] = 1;
  for (let row = 0; row < memory.length; row += memory.length / machine.layout.shape.batch) memory[row] = 1;
}

function softSpeed(program: SoftProgram, state: SoftState, trained: boolean): Times {
  const run = { steps, stopWhenHalted: false };
  const machine = new SoftMachine(program, { batch, gradientSteps: steps, dtype: "float32" });
  setState(machine, state);
  setLoss(machine);
  return {
    forward: milliseconds(() => machine.forward(run)),
    both: milliseconds(() => {
      machine.forward(run, true);
      machine.backward({ program: trained });
    }),
  };
}

/** Everything soft; and a frozen program on soft operands. */
function softCases(n: number): { worst: Times; real: Times } {
  const random = seededRandom(0);
  const program = randomSoftProgram({ n, registers, memorySize: n, lines }, random);
  const state: SoftState = {
    batch,
    registers: randomDistributions(batch * registers, n, random),
    memory: randomDistributions(batch * n, n, random),
    counter: Float64Array.from({ length: batch * lines }, (_, i) => (i % lines === 0 ? 1 : 0)),
  };
  const image = imageOf(fibonacci, n);
  const operands = initialState(image, "main", randomDistributions(batch * 3, n, random), batch);
  return { worst: softSpeed(program, state, true), real: softSpeed(flash(image), operands, false) };
}

function softTable(sizes: readonly number[], python: string | undefined): void {
  const ours = sizes.map((n) => ({ n, ...softCases(n) }));
  const words = { n: sizes, batch, steps, registers, lines };
  // The dense form's times by n, way and case.
  const peer =
    python === undefined
      ? new Map<string, Times>()
      : peerTimes(python, "soft_peer.py", words, (row) => `${row.n} ${row.way} ${row.case}`);
  for (const { n, ...cases } of ours) {
    for (const name of ["worst", "real"] as const) {
      const { forward, both } = cases[name];
      const beside = (["product", "einsum"] as const).map((way) => {
        const dense = peer.get(`${n} ${way} ${name}`);
        return (
          dense && {
            [`${way}_forward_ms`]: dense.forward,
            [`${way}_forward_backward_ms`]: dense.both,
            [`${way}_forward_ratio`]: dense.forward / forward,
            [`${way}_forward_backward_ratio`]: dense.both / both,
          }
        );
      });
      report({
        ...{ bench: "soft-machine", case: name, n, batch, steps, threads: threads() },
        ...{ forward_ms: forward, forward_backward_ms: both },
        ...Object.assign({}, ...beside),
      });
    }
  }
}

/** A frozen program from certain operands beside the exact machine: nanoseconds a step of one row. */
function certainSpeed(n: number, rows: number): void {
  const image = imageOf(nested, n);
  const operands = [40];
  const exact = new ExactMachine(image);
  const entry = entryOf(image, "main");
  const exactMs = milliseconds(() => {
    exact.start(entry, operands);
    exact.advance(1e9);
  });
  const machine = new SoftMachine(flash(image), { batch: rows, dtype: "float32" });
  setState(machine, initialState(image, "main", oneHot(new Array<number>(rows).fill(40), n), rows));
  const softMs = milliseconds(() => machine.forward({ steps: exact.steps }));
  report({
    ...{ bench: "certain-operands", n, batch: rows, steps: exact.steps },
    exact_ns: (exactMs / exact.steps) * 1e6,
    soft_ns: (softMs / exact.steps / rows) * 1e6,
    ratio: softMs / rows / exactMs,
  });
}

/** What a machine holds, in MiB: of 1,000 steps with gradients, and of n = 1024 with as many memory cells. */
function memoryTable(): void {
  for (const [n, rows, gradientSteps] of [
    [64, batch, 1000],
    [64, 1, 1000],
    [1024, 1, 0],
  ]) {
    const program = randomSoftProgram({ n, registers, memorySize: n, lines }, seededRandom(1));
    const before = process.memoryUsage().rss;
    const machine = new SoftMachine(program, { batch: rows, gradientSteps, dtype: "float32" });
    machine.inputs.counter.fill(1 / lines);
    machine.inputs.memory.fill(1 / n);
    machine.inputs.registers.fill(1 / n);
    const start = performance.now();
    machine.forward({ steps: gradientSteps || steps }, gradientSteps > 0);
    if (gradientSteps > 0) machine.backward();
    report({
      ...{ bench: "soft-memory", n, batch: rows, steps: gradientSteps || steps, gradient: Number(gradientSteps > 0) },
      machine_mib: machine.bytes / 2 ** 20,
      resident_mib: (process.memoryUsage().rss - before) / 2 ** 20,
      ms: performance.now() - start,
    });
  }
}

/**
 * Speed of the exact machine, and of the soft machine at several n: everything soft (the worst case), and a frozen program
 * on soft operands (the real one), beside its dense form, written in two ways, where `--python` names a Python with PyTorch; certain operands
 * beside the exact machine; and memory. One JSON line each.
 */
export async function main(args: string[]): Promise<void> {
  const at = args.indexOf("--python");
  const python = at < 0 ? undefined : args[at + 1];
  const sizes = args.filter((_, i) => at < 0 || (i !== at && i !== at + 1)).map(Number);
  exactSpeed();
  softTable(sizes.length > 0 ? sizes : [16, 32, 64, 128], python);
  for (const n of [64, 128]) for (const rows of [1, batch]) certainSpeed(n, rows);
  memoryTable();
}
