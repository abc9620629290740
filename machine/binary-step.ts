import { instructionCount, instructions, type Mnemonic, operationCount } from "../assembler/index.js";
import { fetchRow, fetchRowBackward, type Instruction, Names, newInstruction, writers } from "./binary-instruction.js";
import { BinaryOperationTables } from "./binary-operation-tables.js";
import type { BinaryProgram } from "./binary-program.js";
import { CircuitAlu } from "./circuit-alu.js";
import { addProbabilityGradient, probabilityOf } from "./encodings.js";
import type { SoftFields, SoftMask } from "./soft-program.js";

/** The states of a batch at one time, or their cotangents; arrays as in `BinaryState`. */
export interface BinaryStates {
  readonly registers: Float64Array;
  readonly memory: Float64Array;
  readonly counter: Float64Array;
  /** [batch]: the probability of having halted. */
  readonly halted: Float64Array;
}

/** Registers and memory, read out over the times of halting. */
export type ReadOut = Pick<BinaryStates, "registers" | "memory">;

/** Where the program's gradient goes: all of it, or what a mask has. */
export interface ProgramGradient {
  readonly fields: SoftFields;
  readonly mask: SoftMask | undefined;
}

const circuitAlus = new Map<number, CircuitAlu>();

/** The ALU of a width: its circuits are made once, whatever runs on them. */
function circuitAlu(bits: number): CircuitAlu {
  const made = circuitAlus.get(bits) ?? new CircuitAlu(bits);
  circuitAlus.set(bits, made);
  return made;
}

/**
 * One step of a batch of machines whose values are bits ("Algorithmic Language Models with Neurally Compiled Libraries",
 * 2024, equations 1 to 6 and 17, with the circuits of appendix D as the ALU), and its transpose. A mixture of values is
 * the mixture of each bit's probability; an address or a jump's target is a distribution, made of the bits of the value.
 */
export class BinaryStep {
  readonly #program: BinaryProgram;
  readonly #batch: number;
  readonly #alu: CircuitAlu;
  readonly #tables: BinaryOperationTables;
  /** |A| */
  readonly #operations: number;
  readonly #cells: Names;
  readonly #lines: Names;
  readonly #instruction: Instruction;
  readonly #u: Float64Array;
  readonly #v: Float64Array;
  #o: Float64Array;
  /** [batch, memorySize]: the cells that the first operands name. */
  readonly #address: Float64Array;
  /** [|A|]: 1 for the operations that some line may execute. */
  readonly #present: Uint8Array;

  constructor(program: BinaryProgram, batch: number) {
    const { bits, memorySize, lines, labels, tables = [], mixing } = program;
    this.#program = program;
    this.#batch = batch;
    this.#alu = circuitAlu(bits);
    this.#tables = new BinaryOperationTables(tables, bits);
    this.#operations = operationCount(program);
    this.#cells = new Names(bits, memorySize);
    this.#lines = new Names(bits, lines, labels);
    this.#instruction = newInstruction(program, batch);
    this.#u = new Float64Array(batch * bits);
    this.#v = new Float64Array(batch * bits);
    this.#o = new Float64Array(batch * bits);
    this.#address = new Float64Array(batch * memorySize);
    this.#present = new Uint8Array(this.#operations).fill(mixing === "logits" ? 1 : 0);
    program.op.forEach((p, i) => {
      if (p !== 0) this.#present[i % this.#operations] = 1;
    });
  }

  /**
   * The states after a step. A row that is not active stays as it is.
   *
   * @param readOut added to, with the weight of halting in this step.
   */
  forward(state: BinaryStates, active: (row: number) => boolean, readOut: ReadOut): BinaryStates {
    const { bits, registers, memorySize, lines } = this.#program;
    this.#prepare(state, active, undefined);
    const { out } = this.#instruction;
    const next = {
      registers: state.registers.slice(),
      memory: this.#any("write") ? state.memory.slice() : state.memory,
      counter: state.counter.slice(),
      halted: state.halted.slice(),
    };
    for (let row = 0; row < this.#batch; row++) {
      if (!active(row)) continue;
      const [R, M, o] = [row * registers * bits, row * memorySize * bits, row * bits];
      const halting = (1 - state.halted[row]) * this.#weight(row, "halt");
      if (halting !== 0) {
        addScaled(halting, state.registers, R, readOut.registers, R, registers * bits);
        addScaled(halting, state.memory, M, readOut.memory, M, memorySize * bits);
      }
      next.halted[row] += halting;
      const writing = this.#writing(row);
      for (let r = 0; r < registers; r++) {
        const w = out[row * registers + r];
        if (w === 0 || writing === 0) continue;
        const keep = 1 - writing * w;
        for (let i = 0, at = R + r * bits; i < bits; i++, at++)
          next.registers[at] = keep * state.registers[at] + w * this.#o[o + i];
      }
      const write = this.#weight(row, "write");
      for (let cell = 0; write !== 0 && cell < memorySize; cell++) {
        const w = write * this.#address[row * memorySize + cell];
        if (w === 0) continue;
        for (let i = 0, at = M + cell * bits; i < bits; i++, at++)
          next.memory[at] = (1 - w) * state.memory[at] + w * this.#v[o + i];
      }
      const { taken, always } = this.#jumps(row);
      const onwards = 1 - (taken + always);
      const c = row * lines;
      for (let line = 0; line < lines; line++)
        next.counter[c + ((line + 1) % lines)] = onwards * state.counter[c + line];
      if (taken !== 0) this.#lines.add(this.#v, o, taken, next.counter, c);
      if (always !== 0) this.#lines.add(this.#u, o, always, next.counter, c);
    }
    return next;
  }

  /**
   * From the cotangents of the states after a step to those of the states before it, in place.
   *
   * @param g of the states after the step.
   * @param readOut the cotangents of what is read out.
   * @param toProgram where the program's gradient is added to; undefined where it is not wanted.
   */
  backward(
    state: BinaryStates,
    active: (row: number) => boolean,
    g: BinaryStates,
    readOut: ReadOut,
    toProgram: ProgramGradient | undefined,
  ): void {
    const program = this.#program;
    const { bits, registers } = program;
    const trained = toProgram?.mask === undefined ? toProgram !== undefined : toProgram.mask.op !== undefined;
    const wanted = trained ? new Uint8Array(this.#operations).fill(1) : this.#present;
    this.#prepare(state, active, wanted);
    const gInstruction = newInstruction(program, this.#batch);
    const [gU, gV, gO] = [this.#u, this.#v, this.#o].map((array) => new Float64Array(array.length));
    for (let row = 0; row < this.#batch; row++) {
      if (!active(row)) continue;
      this.#haltBackward(state, row, g, readOut, gInstruction);
      this.#counterBackward(state, row, g, gInstruction, gU, gV);
      this.#registersBackward(state, row, g, gInstruction, gO);
      this.#memoryBackward(state, row, g, wanted, gInstruction, gO, gU, gV);
      this.#addHalting(state, row, g, readOut);
    }
    const { op } = this.#instruction;
    const ofAlu = this.#alu.backward(this.#tables.ofInstructionSet(op), this.#u, this.#v, gO, this.#batch, wanted);
    for (let row = 0; row < this.#batch; row++) {
      addScaled(1, ofAlu.weights, row * instructionCount, gInstruction.op, row * this.#operations, instructionCount);
      if (!active(row)) continue;
      const isWanted = (t: number) => wanted[instructionCount + t] !== 0;
      const at = row * this.#operations + instructionCount;
      this.#tables.backward(op, at, isWanted, this.#u, this.#v, row * bits, gO, gInstruction.op, gU, gV);
    }
    addScaled(1, ofAlu.a, 0, gU, 0, gU.length);
    addScaled(1, ofAlu.b, 0, gV, 0, gV.length);
    for (let row = 0; row < this.#batch; row++) {
      if (!active(row)) continue;
      for (let r = 0; r < registers; r++) {
        const [place, at] = [row * registers + r, (row * registers + r) * bits];
        for (const [field, operand] of [
          ["a", gU],
          ["b", gV],
        ] as const) {
          gInstruction[field][place] += dot(operand, row * bits, state.registers, at, bits);
          addScaled(this.#instruction[field][place], operand, row * bits, g.registers, at, bits);
        }
      }
      fetchRowBackward(program, state.counter, row, this.#instruction, gInstruction, g.counter, toProgram);
    }
  }

  /** The instruction, the operands, the cells that they name and the ALU's result; for a gradient, where it is `wanted`. */
  #prepare(state: BinaryStates, active: (row: number) => boolean, wanted: Uint8Array | undefined): void {
    const program = this.#program;
    const { bits, registers, memorySize } = program;
    const { op, a, b, k } = this.#instruction;
    for (const array of [op, this.#u, this.#v, this.#address]) array.fill(0);
    const addresses = wanted?.[instructions.read.number] || wanted?.[instructions.write.number];
    for (let row = 0; row < this.#batch; row++) {
      if (!active(row)) continue;
      fetchRow(program, state.counter, row, this.#instruction);
      for (let r = 0; r < registers; r++) {
        const [place, at] = [row * registers + r, (row * registers + r) * bits];
        addScaled(a[place], state.registers, at, this.#u, row * bits, bits);
        addScaled(b[place], state.registers, at, this.#v, row * bits, bits);
      }
      if (addresses || this.#weight(row, "read", "write") !== 0)
        this.#cells.add(this.#u, row * bits, 1, this.#address, row * memorySize);
    }
    this.#o = this.#alu.forward(this.#tables.ofInstructionSet(op), this.#u, this.#v, this.#batch);
    for (let row = 0; row < this.#batch; row++) {
      const own = row * this.#operations + instructionCount;
      this.#tables.forward(op, own, this.#u, this.#v, row * bits, this.#o);
      addScaled(this.#weight(row, "const", "call", "store"), k, row * bits, this.#o, row * bits, bits);
      const read = this.#weight(row, "read");
      if (read === 0) continue;
      for (let cell = 0; cell < memorySize; cell++) {
        const place = row * memorySize + cell;
        addScaled(read * this.#address[place], state.memory, place * bits, this.#o, row * bits, bits);
      }
    }
  }

  /** The weight of jumps that are taken, as the flag is 1 or 0 for, and of those that always are. */
  #jumps(row: number): { taken: number; always: number } {
    const { bits } = this.#program;
    const whenFlagIs = (value: number, weight: number) =>
      weight === 0 ? 0 : weight * probabilityOf(value, this.#u, row * bits, bits);
    const taken = whenFlagIs(1, this.#weight(row, "jump")) + whenFlagIs(0, this.#weight(row, "jez"));
    return { taken, always: this.#weight(row, "call", "ret") };
  }

  #haltBackward(state: BinaryStates, row: number, g: BinaryStates, readOut: ReadOut, gInstruction: Instruction): void {
    const { bits, registers, memorySize } = this.#program;
    const [R, M] = [row * registers * bits, row * memorySize * bits];
    const slope =
      g.halted[row] +
      dot(readOut.registers, R, state.registers, R, registers * bits) +
      dot(readOut.memory, M, state.memory, M, memorySize * bits);
    this.#add(gInstruction, row, "halt", (1 - state.halted[row]) * slope);
    g.halted[row] -= this.#weight(row, "halt") * slope;
  }

  /** What the read-out of this step passes to the state: after all that reads the cotangents of the next. */
  #addHalting(state: BinaryStates, row: number, g: BinaryStates, readOut: ReadOut): void {
    const { bits, registers, memorySize } = this.#program;
    const [R, M] = [row * registers * bits, row * memorySize * bits];
    const halting = (1 - state.halted[row]) * this.#weight(row, "halt");
    addScaled(halting, readOut.registers, R, g.registers, R, registers * bits);
    addScaled(halting, readOut.memory, M, g.memory, M, memorySize * bits);
  }

  #counterBackward(
    state: BinaryStates,
    row: number,
    g: BinaryStates,
    gInstruction: Instruction,
    gU: Float64Array,
    gV: Float64Array,
  ): void {
    const { bits, lines } = this.#program;
    const [c, at] = [row * lines, row * bits];
    const { taken, always } = this.#jumps(row);
    const onwards = 1 - (taken + always);
    const after = g.counter.slice(c, c + lines);
    let slope = 0;
    for (let line = 0; line < lines; line++) {
      const next = after[(line + 1) % lines];
      slope += next * state.counter[c + line];
      g.counter[c + line] = onwards * next;
    }
    const target = new Float64Array(lines);
    this.#lines.add(this.#u, at, 1, target, 0);
    const ofAlways = dot(after, 0, target, 0, lines) - slope;
    this.#add(gInstruction, row, "call", ofAlways);
    this.#add(gInstruction, row, "ret", ofAlways);
    if (always !== 0)
      this.#lines.backward(
        after.map((x) => always * x),
        gU,
        at,
      );
    target.fill(0);
    this.#lines.add(this.#v, at, 1, target, 0);
    const ofTaken = dot(after, 0, target, 0, lines) - slope;
    if (taken !== 0)
      this.#lines.backward(
        after.map((x) => taken * x),
        gV,
        at,
      );
    for (const [name, value] of [
      ["jump", 1],
      ["jez", 0],
    ] as const) {
      this.#add(gInstruction, row, name, probabilityOf(value, this.#u, at, bits) * ofTaken);
      addProbabilityGradient(value, this.#u, at, bits, this.#weight(row, name) * ofTaken, gU, at);
    }
  }

  #registersBackward(
    state: BinaryStates,
    row: number,
    g: BinaryStates,
    gInstruction: Instruction,
    gO: Float64Array,
  ): void {
    const { bits, registers } = this.#program;
    const { out } = this.#instruction;
    const writing = this.#writing(row);
    const o = row * bits;
    let ofWriting = 0;
    for (let r = 0; r < registers; r++) {
      const [place, at] = [row * registers + r, (row * registers + r) * bits];
      const w = out[place];
      const before = dot(g.registers, at, state.registers, at, bits);
      gInstruction.out[place] += dot(g.registers, at, this.#o, o, bits) - writing * before;
      ofWriting -= w * before;
      addScaled(w, g.registers, at, gO, o, bits);
      for (let i = at; i < at + bits; i++) g.registers[i] *= 1 - writing * w;
    }
    for (const name of writers) this.#add(gInstruction, row, name, ofWriting);
    for (let i = instructionCount; i < this.#operations; i++) gInstruction.op[row * this.#operations + i] += ofWriting;
    const immediate = dot(gO, o, this.#instruction.k, o, bits);
    for (const name of ["const", "call", "store"] as const) this.#add(gInstruction, row, name, immediate);
    addScaled(this.#weight(row, "const", "call", "store"), gO, o, gInstruction.k, o, bits);
  }

  #memoryBackward(
    state: BinaryStates,
    row: number,
    g: BinaryStates,
    wanted: Uint8Array,
    gInstruction: Instruction,
    gO: Float64Array,
    gU: Float64Array,
    gV: Float64Array,
  ): void {
    const { bits, memorySize } = this.#program;
    const [read, write] = [this.#weight(row, "read"), this.#weight(row, "write")];
    const isWanted = wanted[instructions.read.number] !== 0 || wanted[instructions.write.number] !== 0;
    if (!isWanted && read === 0 && write === 0) return;
    const o = row * bits;
    const gAddress = new Float64Array(memorySize);
    let [ofRead, ofWrite] = [0, 0];
    for (let cell = 0; cell < memorySize; cell++) {
      const place = row * memorySize + cell;
      const at = place * bits;
      const p = this.#address[place];
      const slope = dot(g.memory, at, this.#v, o, bits) - dot(g.memory, at, state.memory, at, bits);
      const loaded = dot(gO, o, state.memory, at, bits);
      ofWrite += p * slope;
      ofRead += p * loaded;
      gAddress[cell] = write * slope + read * loaded;
      addScaled(write * p, g.memory, at, gV, o, bits);
      if (write !== 0) for (let i = at; i < at + bits; i++) g.memory[i] *= 1 - write * p;
      addScaled(read * p, gO, o, g.memory, at, bits);
    }
    this.#add(gInstruction, row, "write", ofWrite);
    this.#add(gInstruction, row, "read", ofRead);
    if (read === 0 && write === 0) return;
    // What the cells' names were made from is made again: another row may have been last.
    this.#cells.add(this.#u, o, 1, new Float64Array(memorySize), 0);
    this.#cells.backward(gAddress, gU, o);
  }

  /** The weight of some instructions in a row's distribution over operations. */
  #weight(row: number, ...names: readonly Mnemonic[]): number {
    let weight = 0;
    for (const name of names) weight += this.#instruction.op[row * this.#operations + instructions[name].number];
    return weight;
  }

  /** The weight of what writes a register. */
  #writing(row: number): number {
    const own = this.#tables.weight(this.#instruction.op, row * this.#operations + instructionCount);
    return this.#weight(row, ...writers) + own;
  }

  /** Adds to the slope of an instruction's weight in a row. */
  #add({ op }: Instruction, row: number, name: Mnemonic, slope: number): void {
    op[row * this.#operations + instructions[name].number] += slope;
  }

  #any(name: Mnemonic): boolean {
    for (let row = 0; row < this.#batch; row++) if (this.#weight(row, name) !== 0) return true;
    return false;
  }
}

function addScaled(w: number, x: Float64Array, from: number, y: Float64Array, to: number, count: number): void {
  if (w !== 0) for (let i = 0; i < count; i++) y[to + i] += w * x[from + i];
}

function dot(x: Float64Array, from: number, y: Float64Array, at: number, count: number): number {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += x[from + i] * y[at + i];
  return sum;
}
