import { instructionCount, instructions, type Mnemonic, mnemonics } from "../assembler/index.js";
import { addMixture } from "./mixtures.js";
import { SoftAlu } from "./soft-alu.js";
import type { SoftProgram } from "./soft-program.js";

/** The state of one row of the batch. */
export interface RowState {
  /** [registers, n] */
  registers: Float64Array;
  /** [memorySize, n] */
  memory: Float64Array;
  /** [lines] */
  counter: Float64Array;
  halted: number;
}

const numberOf = (op: Mnemonic): number => instructions[op].number;
export const halt = numberOf("halt");
export const constant = numberOf("const");
export const read = numberOf("read");
export const write = numberOf("write");
export const jump = numberOf("jump");
export const call = numberOf("call");
export const store = numberOf("store");
export const ret = numberOf("ret");

/** 1 for the instructions that write a register, by number. */
export const writesRegister = Uint8Array.from(mnemonics, (op) =>
  instructions[op].fields.some((field) => field === "out") ? 1 : 0,
);

/**
 * What one step works with: the instruction fetched as a mixture, the operands and the result. Its arrays are reused
 * from step to step.
 */
export class SoftStep {
  readonly alu: SoftAlu;
  /** [|A|]: the weights of the operations. */
  readonly f = new Float64Array(instructionCount);
  /** [registers]: the weights of the registers read and written. */
  readonly a: Float64Array;
  readonly b: Float64Array;
  readonly out: Float64Array;
  /** [n]: the immediate, the operands, and the result. */
  readonly k: Float64Array;
  readonly u: Float64Array;
  readonly v: Float64Array;
  readonly o: Float64Array;
  /** [memorySize]: the first operand as an address. */
  readonly address: Float64Array;
  /** The weight of the instructions that write a register. */
  writing = 0;
  private readonly nextCounter: Float64Array;

  constructor(readonly program: SoftProgram) {
    const { n, registers, lines, memorySize } = program;
    this.alu = new SoftAlu(n);
    this.a = new Float64Array(registers);
    this.b = new Float64Array(registers);
    this.out = new Float64Array(registers);
    this.k = new Float64Array(n);
    this.u = new Float64Array(n);
    this.v = new Float64Array(n);
    this.o = new Float64Array(n);
    this.address = new Float64Array(memorySize);
    this.nextCounter = new Float64Array(lines);
  }

  /** Fetches the mixture of instructions at the counter (equation 17), reads the operands, and computes the result. */
  execute({ registers, memory, counter }: RowState): void {
    const { program, f, a, b, out, k, u, v, o, address } = this;
    const { n, memorySize } = program;
    mixRows(counter, program.op, f);
    mixRows(counter, program.a, a);
    mixRows(counter, program.b, b);
    mixRows(counter, program.out, out);
    mixRows(counter, program.k, k);
    mixRows(a, registers, u);
    mixRows(b, registers, v);
    address.fill(0);
    for (let i = 0; i < n; i++) address[i % memorySize] += u[i];
    o.fill(0);
    this.alu.forward(f, u, v, o);
    const immediate = f[constant] + f[call] + f[store];
    if (immediate !== 0) for (let i = 0; i < n; i++) o[i] += immediate * k[i];
    if (f[read] !== 0) addMixture(f[read], address, memory, o);
    this.writing = 0;
    for (let op = 0; op < instructionCount; op++) if (writesRegister[op]) this.writing += f[op];
  }

  /** Whether the step can change memory. */
  get writesMemory(): boolean {
    return this.f[write] !== 0;
  }

  /** Brings a state to the next step, in place (equations 2 to 6). */
  advance(state: RowState): void {
    this.writeRegisters(state.registers);
    if (this.writesMemory) this.writeMemory(state.memory);
    this.moveCounter(state.counter);
    state.halted += (1 - state.halted) * this.f[halt];
  }

  /** The mixture over operations of writing the result and of leaving the register: R <- (1 - w out) R + out o. */
  private writeRegisters(registers: Float64Array): void {
    const { n } = this.program;
    const { out, o, writing } = this;
    if (writing === 0) return;
    for (let r = 0; r < out.length; r++) {
      const weight = out[r];
      if (weight === 0) continue;
      const keep = 1 - writing * weight;
      const row = r * n;
      for (let i = 0; i < n; i++) registers[row + i] = keep * registers[row + i] + weight * o[i];
    }
  }

  /** M_i <- (1 - p) M_i + p ((1 - a_i) M_i + a_i v), with p the weight of `write` and a the address. */
  private writeMemory(memory: Float64Array): void {
    const { n } = this.program;
    const { address, v, f } = this;
    for (let cell = 0; cell < address.length; cell++) {
      const weight = f[write] * address[cell];
      if (weight === 0) continue;
      const keep = 1 - weight;
      const row = cell * n;
      for (let i = 0; i < n; i++) memory[row + i] = keep * memory[row + i] + weight * v[i];
    }
  }

  /** Equation 6, with `call` and `ret` as jumps that are always taken, to the line of the first operand. */
  private moveCounter(counter: Float64Array): void {
    const { n, lines, labels } = this.program;
    const { f, u, v, nextCounter } = this;
    const taken = f[jump] * u[1];
    const always = f[call] + f[ret];
    const onwards = 1 - (taken + always);
    for (let line = 0; line < lines; line++) nextCounter[line + 1 === lines ? 0 : line + 1] = onwards * counter[line];
    if (taken !== 0) for (let i = 0; i < n; i++) nextCounter[labels[i]] += taken * v[i];
    if (always !== 0) for (let i = 0; i < n; i++) nextCounter[labels[i]] += always * u[i];
    counter.set(nextCounter);
  }
}

/** out <- sum over rows of weights[row] * matrix[row]. */
function mixRows(weights: Float64Array, matrix: Float64Array, out: Float64Array): void {
  out.fill(0);
  addMixture(1, weights, matrix, out);
}
