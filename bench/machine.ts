import { assemble, instructionCount, link } from "../assembler/index.js";
import {
  flash,
  initialState,
  randomDistributions,
  randomSoftProgram,
  runExact,
  type SoftBackwardOptions,
  type SoftProgram,
  type SoftState,
  seededRandom,
  softBackward,
  softForward,
  softRun,
} from "../machine/index.js";
import { aNormalForm, readProgram } from "../scheme/index.js";
import { microseconds, report } from "./timing.js";

const batch = 16;
const steps = 16;
const registers = 8;
const lines = 16;

const milliseconds = (call: () => void): number => microseconds(call) / 1000;

const fibonacci = "(let loop ((a a) (b b) (depth depth)) (if (= depth 0) a (loop b (+ a b) (- depth 1))))";

const busy = `(let outer ((j 1000) (sum 0))
  (if (= j 0) sum (let loop ((i 0) (sum sum)) (if (= i 10000) (outer (- j 1) sum) (loop (+ i 1) (+ sum (* i i)))))))`;

function exactSpeed(): void {
  const image = link([assemble(aNormalForm(readProgram(busy)))], { n: 65536 });
  let done = 0;
  const ms = milliseconds(() => {
    done = runExact(image, "main", [], { steps: 1e9 }).steps;
  });
  report({ bench: "exact-machine", steps: done, steps_per_second: Math.round((done / ms) * 1000) });
}

function softSpeed(name: string, program: SoftProgram, state: SoftState, options: SoftBackwardOptions): void {
  const { n } = program;
  const run = { steps, stopWhenHalted: false };
  const forward = milliseconds(() => softRun(program, state, run));
  // The peer's loss: the probability of 0 in the first register and the first memory cell, summed over the batch.
  const cotangents = { registers: state.registers.map(() => 0), memory: state.memory.map(() => 0) };
  for (let row = 0; row < batch; row++) {
    cotangents.registers[row * program.registers * n] = 1;
    cotangents.memory[row * program.memorySize * n] = 1;
  }
  const both = milliseconds(() => softBackward(softForward(program, state, run).tape, cotangents, options));
  report({
    bench: name,
    n,
    batch,
    steps,
    ops: instructionCount,
    registers: program.registers,
    lines: program.lines,
    table_bytes: 2 * n * n,
    forward_ms: forward,
    forward_backward_ms: both,
  });
}

/**
 * Speed of the exact machine, and of the soft machine at several n: everything soft (the worst case), and a frozen program
 * on soft operands. One JSON line each.
 */
export async function main(args: string[]): Promise<void> {
  const sizes = args.length > 0 ? args.map(Number) : [16, 32, 64];
  exactSpeed();
  for (const n of sizes) {
    const random = seededRandom(0);
    const program = randomSoftProgram({ n, registers, memorySize: n, lines }, random);
    const state: SoftState = {
      batch,
      registers: randomDistributions(batch * registers, n, random),
      memory: randomDistributions(batch * n, n, random),
      counter: Float64Array.from({ length: batch * lines }, (_, i) => (i % lines === 0 ? 1 : 0)),
    };
    softSpeed("soft-machine", program, state, {});
    const image = link([assemble(aNormalForm(readProgram(fibonacci)))], { n, registers });
    const operands = initialState(image, "main", randomDistributions(batch * 3, n, random), batch);
    softSpeed("soft-machine-frozen-program", flash(image), operands, { program: false });
  }
}
