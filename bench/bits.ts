import { assemble, instructionCount, instructions, link, type Mnemonic } from "../assembler/index.js";
import {
  type BinaryProgram,
  certainBits,
  ExactMachine,
  entryOf,
  flashBinary,
  initialBinaryState,
  randomSoftProgram,
  SoftMachine,
  type SoftState,
  seededRandom,
} from "../machine/index.js";
import { aNormalForm, readProgram } from "../scheme/index.js";
import { peerTimes } from "./soft-peer.js";
import { microseconds, report } from "./timing.js";

const sizes = { registers: 8, memorySize: 16, lines: 16 };
const { registers, memorySize, lines } = sizes;
const [batch, steps] = [16, 16];

/** The operations of the frozen program, line by line and again: what a loop that adds up takes. */
const frozen: readonly Mnemonic[] = ["add", "const", "dec", "halt", "jump", "move", "not", "ret"];

const milliseconds = (call: () => void): number => microseconds(call) / 1000;

type Case = "worst" | "real";

/** Everything soft, trained; or a program that is certain of each line's fields on soft operands. */
function programOf(name: Case, bits: number, random: () => number): BinaryProgram {
  const soft = randomSoftProgram({ ...sizes, n: 2 }, random);
  const k = Float64Array.from({ length: lines * bits }, random);
  const common = { ...sizes, bits, labels: new Map<number, number>(), k };
  if (name === "worst") return { ...common, op: soft.op, a: soft.a, b: soft.b, out: soft.out };
  const certain = (width: number, choice: (line: number) => number): Float64Array =>
    Float64Array.from({ length: lines * width }, (_, i) => (choice(Math.floor(i / width)) === i % width ? 1 : 0));
  const [a, b, out] = [0, 1, 2].map((i) => certain(registers, (line) => (3 * line + i) % registers));
  const op = certain(instructionCount, (line) => instructions[frozen[line % frozen.length]].number);
  return { ...common, op, a, b, out };
}

function setState(machine: SoftMachine, state: SoftState): void {
  for (const part of ["registers", "memory", "counter"] as const) machine.inputs[part].set(state[part]);
}

function softSpeed(name: Case, bits: number): { forward: number; both: number; mib: number } {
  const random = seededRandom(0);
  const program = programOf(name, bits, random);
  const machine = new SoftMachine(program, { batch, gradientSteps: steps, dtype: "float32" });
  setState(machine, {
    batch,
    registers: Float64Array.from({ length: batch * registers * bits }, random),
    memory: Float64Array.from({ length: batch * memorySize * bits }, random),
    counter: Float64Array.from({ length: batch * lines }, (_, i) => (i % lines === 0 ? 1 : 0)),
  });
  const { registers: r, memory } = machine.cotangents;
  for (const [array, rows] of [
    [r, registers],
    [memory, memorySize],
  ] as const)
    array.forEach((_, i) => {
      array[i] = i % (rows * bits) < bits ? 1 : 0;
    });
  const run = { steps, stopWhenHalted: false };
  return {
    forward: milliseconds(() => machine.forward(run)),
    both: milliseconds(() => {
      machine.forward(run, true);
      machine.backward({ program: name === "worst" });
    }),
    mib: machine.bytes / 2 ** 20,
  };
}

/** A frozen program from certain operands, with a record and so in steps of bits: nanoseconds a step of one row. */
function certainSpeed(bits: number): void {
  const text = "(let loop ((x x) (i 0)) (if (= i 40) x (loop (modulo (+ (* x x) i) m) (+ i 1))))";
  const image = link([assemble(aNormalForm(readProgram(text)))], { n: 2 ** bits, registers, memory: memorySize });
  const operands = [3, 61];
  const exact = new ExactMachine(image);
  const entry = entryOf(image, "main");
  const exactMs = milliseconds(() => {
    exact.start(entry, operands);
    exact.advance(1e9);
  });
  const rows = 4;
  const all = Array.from({ length: rows }, () => operands).flat();
  const state = initialBinaryState(image, "main", certainBits(all, bits), rows);
  const run = { steps: exact.steps };
  const machine = new SoftMachine(flashBinary(image), { batch: rows, gradientSteps: run.steps, dtype: "float32" });
  setState(machine, state);
  const each = (ms: number): number => (ms / exact.steps) * 1e6;
  report({
    ...{ bench: "certain-bits", bits, batch: rows, steps: exact.steps, exact_ns: each(exactMs) },
    whole_numbers_ns: each(milliseconds(() => machine.forward(run)) / rows),
    stepped_ns: each(milliseconds(() => machine.forward(run, true)) / rows),
  });
}

/**
 * The soft machine on bits of each width (6, 16 and 32 unless told others), everything soft and a frozen program on soft
 * operands, with 16 rows, steps and lines; `--python` names a Python with PyTorch, which runs the same after us.
 */
export async function main(args: readonly string[]): Promise<void> {
  const at = args.indexOf("--python");
  const given = args.filter((_, i) => i !== at && (at < 0 || i !== at + 1)).map(Number);
  const widths = given.length > 0 ? given : [6, 16, 32];
  const ours = widths.flatMap((bits) =>
    (["worst", "real"] as const).map((name) => ({ bits, name, ...softSpeed(name, bits) })),
  );
  const words = { bits: widths, batch, steps, registers, lines, memory: memorySize };
  const peer = at < 0 ? new Map() : peerTimes(args[at + 1], "bits_peer.py", words, (row) => `${row.bits} ${row.case}`);
  for (const { bits, name, forward, both, mib } of ours) {
    const torch = peer.get(`${bits} ${name}`);
    report({
      ...{
        bench: "soft-machine-on-bits",
        case: name,
        bits,
        batch,
        steps,
        forward_ms: forward,
        forward_backward_ms: both,
      },
      mib,
      ...(torch && {
        torch_forward_ms: torch.forward,
        torch_forward_backward_ms: torch.both,
        forward_ratio: torch.forward / forward,
        forward_backward_ratio: torch.both / both,
      }),
    });
  }
  for (const bits of widths) certainSpeed(bits);
}
