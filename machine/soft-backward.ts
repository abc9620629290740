import { instructionCount } from "../assembler/index.js";
import { addScaled, dot } from "./mixtures.js";
import { checkShape } from "./soft-arrays.js";
import { rowOf, type SoftTape } from "./soft-forward.js";
import { fieldNames, fieldWidth, type SoftFields, type SoftProgram, zeroFields } from "./soft-program.js";
import {
  call,
  constant,
  halt,
  jump,
  type RowState,
  read,
  ret,
  SoftStep,
  store,
  write,
  writesRegister,
} from "./soft-step.js";

/** The gradient of a loss with respect to each part of a soft run's result; what is absent is zero. */
export interface SoftCotangents {
  /** [batch, registers, n] */
  readonly registers?: Float64Array;
  /** [batch, memorySize, n] */
  readonly memory?: Float64Array;
  /** [batch, lines] */
  readonly counter?: Float64Array;
  /** [batch] */
  readonly halted?: Float64Array;
}

export interface SoftBackwardOptions {
  /** Compute the gradient with respect to the program's distributions too (default true); a frozen program needs none. */
  readonly program?: boolean;
}

/** The gradient of a loss with respect to the initial state and the program. */
export interface SoftGradients {
  /** [batch, registers, n] */
  readonly registers: Float64Array;
  /** [batch, memorySize, n] */
  readonly memory: Float64Array;
  /** [batch, lines] */
  readonly counter: Float64Array;
  /** Summed over the batch; undefined when not asked for. */
  readonly program: SoftFields | undefined;
}

/**
 * Reverse-mode differentiation of a soft run, by hand: the transposes of the forward steps, from the last to the first.
 * Fetch, operands and results are computed again rather than kept.
 *
 * @throws SoftmachineError when a cotangent is not of the result's shape.
 */
export function softBackward(
  tape: SoftTape,
  cotangents: SoftCotangents,
  options: SoftBackwardOptions = {},
): SoftGradients {
  const { program, batch } = tape;
  checkCotangents(tape, cotangents);
  const { n, registers, memorySize, lines } = program;
  const fields = (options.program ?? true) ? zeroFields(program) : undefined;
  const gradients: SoftGradients = {
    registers: new Float64Array(batch * registers * n),
    memory: new Float64Array(batch * memorySize * n),
    counter: new Float64Array(batch * lines),
    program: fields,
  };
  const pass = new BackwardPass(program, fields);
  for (let index = 0; index < batch; index++) {
    pass.run(
      tape.rows[index],
      cotangents.registers && rowOf(cotangents.registers, index, batch),
      cotangents.memory && rowOf(cotangents.memory, index, batch),
      cotangents.counter && rowOf(cotangents.counter, index, batch),
      cotangents.halted?.[index] ?? 0,
      rowOf(gradients.registers, index, batch),
      rowOf(gradients.memory, index, batch),
      rowOf(gradients.counter, index, batch),
    );
  }
  return gradients;
}

function checkCotangents({ program, batch }: SoftTape, cotangents: SoftCotangents): void {
  const { n, registers, memorySize, lines } = program;
  const check = (what: string, array: Float64Array | undefined, shape: readonly number[]): void => {
    if (array !== undefined) checkShape(`the cotangent of the ${what}`, array, shape);
  };
  check("registers", cotangents.registers, [batch, registers, n]);
  check("memory", cotangents.memory, [batch, memorySize, n]);
  check("counter", cotangents.counter, [batch, lines]);
  check("halting probability", cotangents.halted, [batch]);
}

/** The gradient with respect to one row's state, on its way from the last step to the first. */
interface RowGradient {
  readonly registers: Float64Array;
  readonly memory: Float64Array;
  readonly counter: Float64Array;
  halted: number;
  /** The weight of the memory's cotangent that is yet to be added to `memory`: only a write needs it there. */
  pendingMemory: number;
}

class BackwardPass {
  private readonly step: SoftStep;
  /** 1 for the operations that some line may execute. */
  private readonly present: Uint8Array;
  private readonly all = new Uint8Array(instructionCount).fill(1);
  private readonly f = new Float64Array(instructionCount);
  private readonly a: Float64Array;
  private readonly b: Float64Array;
  private readonly out: Float64Array;
  private readonly k: Float64Array;
  private readonly u: Float64Array;
  private readonly v: Float64Array;
  private readonly o: Float64Array;
  private readonly address: Float64Array;
  private readonly counter: Float64Array;
  /** The memory last read out, which steps that write nothing share, and its part in the loss. */
  private memoryRead: Float64Array | undefined;
  private memoryValue = 0;

  constructor(
    private readonly program: SoftProgram,
    private readonly fields: SoftFields | undefined,
  ) {
    const { n, registers, memorySize, lines, op } = program;
    this.step = new SoftStep(program);
    this.present = Uint8Array.from({ length: instructionCount }, (_, i) => {
      for (let line = 0; line < lines; line++) if (op[line * instructionCount + i] !== 0) return 1;
      return 0;
    });
    this.a = new Float64Array(registers);
    this.b = new Float64Array(registers);
    this.out = new Float64Array(registers);
    this.k = new Float64Array(n);
    this.u = new Float64Array(n);
    this.v = new Float64Array(n);
    this.o = new Float64Array(n);
    this.address = new Float64Array(memorySize);
    this.counter = new Float64Array(lines);
  }

  run(
    states: readonly Readonly<RowState>[],
    registers: Float64Array | undefined,
    memory: Float64Array | undefined,
    counter: Float64Array | undefined,
    halted: number,
    registersGradient: Float64Array,
    memoryGradient: Float64Array,
    counterGradient: Float64Array,
  ): void {
    const last = states[states.length - 1];
    const g: RowGradient = {
      registers: registersGradient,
      memory: memoryGradient,
      counter: counterGradient,
      halted: halted - this.readOut(last, registers, memory),
      pendingMemory: 1 - last.halted,
    };
    if (counter !== undefined) g.counter.set(counter);
    addCotangent(1 - last.halted, registers, g.registers);
    for (let t = states.length - 2; t >= 0; t--) {
      const state = states[t];
      this.step.execute(state);
      this.clear();
      this.registersBackward(state, g);
      this.memoryBackward(state, g, memory);
      this.counterBackward(state, g);
      this.haltingBackward(state, g, registers, memory);
      this.resultBackward(state, g);
      this.operandsBackward(state, g);
      this.fetchBackward(state, g);
    }
    addPending(g, memory);
  }

  /** The loss's linear part in a state that is read out with weight one. */
  private readOut(
    state: Readonly<RowState>,
    registers: Float64Array | undefined,
    memory: Float64Array | undefined,
  ): number {
    if (state.memory !== this.memoryRead) {
      this.memoryRead = state.memory;
      this.memoryValue = inner(state.memory, memory);
    }
    return inner(state.registers, registers) + this.memoryValue;
  }

  private clear(): void {
    for (const array of [this.f, this.a, this.b, this.out, this.k, this.u, this.v, this.o, this.address]) array.fill(0);
  }

  private registersBackward(state: Readonly<RowState>, g: RowGradient): void {
    const { n } = this.program;
    const { out, o, writing } = this.step;
    let written = 0;
    for (let r = 0; r < out.length; r++) {
      const row = r * n;
      const weight = out[r];
      const withNew = dot(g.registers, row, o, n);
      let withOld = 0;
      for (let i = 0; i < n; i++) withOld += g.registers[row + i] * state.registers[row + i];
      this.out[r] += withNew - writing * withOld;
      if (weight === 0) continue;
      written -= weight * withOld;
      const keep = 1 - writing * weight;
      for (let i = 0; i < n; i++) {
        this.o[i] += weight * g.registers[row + i];
        g.registers[row + i] *= keep;
      }
    }
    for (let op = 0; op < instructionCount; op++) if (writesRegister[op]) this.f[op] += written;
  }

  private memoryBackward(state: Readonly<RowState>, g: RowGradient, memory: Float64Array | undefined): void {
    const { n } = this.program;
    const { address, v, f } = this.step;
    const weight = f[write];
    if (weight === 0 && !this.present[write] && this.fields === undefined) return;
    addPending(g, memory);
    for (let cell = 0; cell < address.length; cell++) {
      if (weight === 0 && address[cell] === 0) continue;
      const row = cell * n;
      let change = 0;
      for (let i = 0; i < n; i++) change += g.memory[row + i] * (v[i] - state.memory[row + i]);
      this.f[write] += address[cell] * change;
      this.address[cell] += weight * change;
      const written = weight * address[cell];
      if (written === 0) continue;
      const keep = 1 - written;
      for (let i = 0; i < n; i++) {
        this.v[i] += written * g.memory[row + i];
        g.memory[row + i] *= keep;
      }
    }
  }

  private counterBackward(state: Readonly<RowState>, g: RowGradient): void {
    const { n, lines, labels } = this.program;
    const { f, u, v } = this.step;
    const next = g.counter;
    let [onwards, jumped, returned] = [0, 0, 0];
    for (let line = 0; line < lines; line++) onwards += state.counter[line] * next[line + 1 === lines ? 0 : line + 1];
    const taken = f[jump] * u[1];
    const always = f[call] + f[ret];
    for (let i = 0; i < n; i++) {
      const there = next[labels[i]];
      jumped += v[i] * there;
      returned += u[i] * there;
      this.v[i] += taken * there;
      this.u[i] += always * there;
    }
    this.f[jump] += u[1] * (jumped - onwards);
    this.u[1] += f[jump] * (jumped - onwards);
    this.f[call] += returned - onwards;
    this.f[ret] += returned - onwards;
    const keep = 1 - (taken + always);
    for (let line = 0; line < lines; line++) this.counter[line] = keep * next[line + 1 === lines ? 0 : line + 1];
    g.counter.set(this.counter);
  }

  private haltingBackward(
    state: Readonly<RowState>,
    g: RowGradient,
    registers: Float64Array | undefined,
    memory: Float64Array | undefined,
  ): void {
    const halting = this.step.f[halt];
    const remaining = 1 - state.halted;
    const value = this.readOut(state, registers, memory);
    this.f[halt] += remaining * (g.halted + value);
    g.halted = (1 - halting) * g.halted - halting * value;
    addCotangent(remaining * halting, registers, g.registers);
    g.pendingMemory += remaining * halting;
  }

  /** The result o: ALU, immediates and memory read. */
  private resultBackward(state: Readonly<RowState>, g: RowGradient): void {
    const { n, memorySize } = this.program;
    const { alu, f, u, v, k, address } = this.step;
    const wanted = this.fields === undefined ? this.present : this.all;
    alu.backward(f, u, v, this.o, wanted, this.f, this.u, this.v);
    const immediate = f[constant] + f[call] + f[store];
    let withImmediate = 0;
    for (let i = 0; i < n; i++) {
      withImmediate += k[i] * this.o[i];
      this.k[i] += immediate * this.o[i];
    }
    this.f[constant] += withImmediate;
    this.f[call] += withImmediate;
    this.f[store] += withImmediate;
    if (f[read] !== 0 || wanted[read]) {
      for (let cell = 0; cell < memorySize; cell++) {
        if (f[read] === 0 && address[cell] === 0) continue;
        const row = cell * n;
        const value = dot(state.memory, row, this.o, n);
        this.f[read] += address[cell] * value;
        this.address[cell] += f[read] * value;
        const weight = f[read] * address[cell];
        if (weight !== 0) for (let i = 0; i < n; i++) g.memory[row + i] += weight * this.o[i];
      }
    }
    for (let i = 0; i < n; i++) this.u[i] += this.address[i % memorySize];
  }

  private operandsBackward(state: Readonly<RowState>, g: RowGradient): void {
    const { a, b } = this.step;
    rowsBackward(a, state.registers, this.u, this.a, g.registers);
    rowsBackward(b, state.registers, this.v, this.b, g.registers);
  }

  private fetchBackward(state: Readonly<RowState>, g: RowGradient): void {
    for (const field of fieldNames) {
      const width = fieldWidth(field, this.program);
      const cotangent = field === "op" ? this.f : this[field];
      const matrix = this.program[field];
      const gradient = this.fields?.[field];
      for (let line = 0, row = 0; line < state.counter.length; line++, row += width) {
        g.counter[line] += dot(matrix, row, cotangent, width);
        const weight = state.counter[line];
        if (gradient !== undefined && weight !== 0) {
          for (let i = 0; i < width; i++) gradient[row + i] += weight * cotangent[i];
        }
      }
    }
  }
}

/** The transpose of out = sum over rows of weights[row] * matrix[row]. */
function rowsBackward(
  weights: Float64Array,
  matrix: Float64Array,
  cotangent: Float64Array,
  weightsGradient: Float64Array,
  matrixGradient: Float64Array,
): void {
  const width = cotangent.length;
  for (let row = 0, start = 0; row < weights.length; row++, start += width) {
    const weight = weights[row];
    weightsGradient[row] += dot(matrix, start, cotangent, width);
    if (weight !== 0) for (let i = 0; i < width; i++) matrixGradient[start + i] += weight * cotangent[i];
  }
}

function addPending(g: RowGradient, memory: Float64Array | undefined): void {
  addCotangent(g.pendingMemory, memory, g.memory);
  g.pendingMemory = 0;
}

function inner(x: Float64Array, y: Float64Array | undefined): number {
  return y === undefined ? 0 : dot(x, 0, y, y.length);
}

function addCotangent(weight: number, from: Float64Array | undefined, to: Float64Array): void {
  if (from !== undefined && weight !== 0) addScaled(weight, from, to);
}
