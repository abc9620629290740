import {
  checkWholeNumber,
  type Entry,
  gridPoint,
  type Image,
  instructionCount,
  type instructions,
  type Operation,
  operationNumbered,
  productModulo,
} from "../assembler/index.js";
import { BudgetError, SoftmachineError, suggestion, type Value } from "../scheme/index.js";

/** Steps that a run may take when nothing else is asked for. */
export const defaultStepBudget = 1_000_000;

/** Values of registers or memory; 16 bits and less are Int32Arrays. */
export type MachineValues = Int32Array | Float64Array;

/** How an exact run ended. */
export interface ExactResult {
  /** What r0 holds. */
  readonly result: number;
  /** What the program gives: the number that r0 stands for, or the vector or matrix whose address it is. */
  readonly value: Value;
  /** Instructions executed, `halt` included. */
  readonly steps: number;
  readonly registers: MachineValues;
  readonly memory: MachineValues;
  readonly halted: true;
}

/** The machine's state after a step. */
export interface ExactStep {
  /** Steps done so far, this one included. */
  readonly step: number;
  /** The line executed. */
  readonly line: number;
  /** What it did: an instruction, or an operation of the image's own. */
  readonly op: Operation;
  /** The counter after the step. */
  readonly next: number;
  readonly registers: MachineValues;
  readonly memory: MachineValues;
  readonly halted: boolean;
}

/** What the exact machine needs of an image. */
export type ExactImage = Pick<
  Image,
  "n" | "registers" | "memorySize" | "lines" | "instructions" | "tables" | "initialMemory" | "comments"
>;

export interface ExactOptions {
  /** Steps that the run may take. Default 1,000,000. */
  readonly steps?: number;
}

// The cases of a switch are literals so that it becomes a jump table; their types tie them to the instruction table.
const HALT: typeof instructions.halt.number = 0;
const ZERO: typeof instructions.zero.number = 1;
const INC: typeof instructions.inc.number = 2;
const DEC: typeof instructions.dec.number = 3;
const ADD: typeof instructions.add.number = 4;
const SUB: typeof instructions.sub.number = 5;
const MUL: typeof instructions.mul.number = 6;
const DIV: typeof instructions.div.number = 7;
const MOD: typeof instructions.mod.number = 8;
const MIN: typeof instructions.min.number = 9;
const MAX: typeof instructions.max.number = 10;
const EQ: typeof instructions.eq.number = 11;
const LT: typeof instructions.lt.number = 12;
const AND: typeof instructions.and.number = 13;
const OR: typeof instructions.or.number = 14;
const NOT: typeof instructions.not.number = 15;
const XOR: typeof instructions.xor.number = 16;
const MOVE: typeof instructions.move.number = 17;
const CONST: typeof instructions.const.number = 18;
const READ: typeof instructions.read.number = 19;
const WRITE: typeof instructions.write.number = 20;
const JUMP: typeof instructions.jump.number = 21;
const CALL: typeof instructions.call.number = 22;
const STORE: typeof instructions.store.number = 23;
const RET: typeof instructions.ret.number = 24;
const JEZ: typeof instructions.jez.number = 25;

/**
 * The register machine on integers: the oracle of the soft machine. It may be started any number of times; each start
 * clears registers and memory.
 */
export class ExactMachine {
  readonly registers: MachineValues;
  readonly memory: MachineValues;
  /** The line executed next. */
  line = 0;
  /** Steps since the start. */
  steps = 0;
  halted = false;
  private entry: Entry | undefined;
  private operands: readonly number[] = [];
  /** Cells on the stack: what tells a stack that wrapped around from an empty one. */
  private depth = 0;
  /** Whether values take more than 16 bits, and so sums, products and quotients more than integers of 32 have. */
  private readonly wide: boolean;

  constructor(private readonly image: ExactImage) {
    this.wide = image.n > 65536;
    this.registers = this.wide ? new Float64Array(image.registers) : new Int32Array(image.registers);
    this.memory = this.wide ? new Float64Array(image.memorySize) : new Int32Array(image.memorySize);
  }

  /**
   * Sets the machine to the start of a program.
   *
   * @throws SoftmachineError for a wrong number of operands or one outside 0..n-1.
   */
  start(entry: Entry, operands: readonly number[]): void {
    checkOperands(entry, operands, this.image.n);
    this.entry = entry;
    this.operands = [...operands];
    this.registers.fill(0);
    this.memory.set(this.image.initialMemory);
    const { cells = [] } = entry;
    const inRegisters = operands.length - cells.length;
    for (let i = 0; i < inRegisters; i++) this.registers[i] = operands[i];
    for (let i = 0; i < cells.length; i++) this.memory[cells[i]] = operands[inRegisters + i];
    this.line = entry.line;
    this.steps = 0;
    this.depth = 0;
    this.halted = false;
  }

  /**
   * Executes until the program halts or `steps` instructions are done, whichever is first.
   *
   * @throws BudgetError when the stack outgrows the memory; SoftmachineError when no program has been started.
   */
  advance(steps: number): void {
    checkWholeNumber("the steps to advance", steps, 0);
    const { entry } = this;
    if (entry === undefined) throw new SoftmachineError("start a program before the machine advances");
    if (this.halted) return;
    const { op, a, b, out, k } = this.image.instructions;
    const { n, lines, memorySize, tables = [] } = this.image;
    const { registers: R, memory: M, wide } = this;
    const { labels, stackPointer = -1, stackCells } = entry;
    let c = this.line;
    let left = steps;
    let { depth } = this;
    while (left > 0) {
      left--;
      const x = R[a[c]];
      const y = R[b[c]];
      const target = out[c];
      const line = c;
      c = c + 1 === lines ? 0 : c + 1;
      switch (op[line]) {
        case HALT:
          this.halted = true;
          this.steps -= left;
          left = 0;
          break;
        case ZERO:
          R[target] = 0;
          break;
        case INC:
          R[target] = x + 1 === n ? 0 : x + 1;
          if (target === stackPointer) depth--;
          break;
        case DEC:
          R[target] = x === 0 ? n - 1 : x - 1;
          if (target === stackPointer && ++depth > stackCells) throw this.overflow(entry, line);
          break;
        case ADD:
          R[target] = x + y >= n ? x + y - n : x + y;
          if (target === stackPointer) depth -= y;
          break;
        case SUB:
          R[target] = x < y ? x - y + n : x - y;
          if (target === stackPointer) {
            depth += y;
            if (depth > stackCells) throw this.overflow(entry, line);
          }
          break;
        case MUL:
          R[target] = wide ? productModulo(x, y, n) : (x * y) % n;
          break;
        case DIV:
          R[target] = y === 0 ? 0 : wide ? Math.floor(x / y) : (x / y) | 0;
          break;
        case MOD:
          R[target] = y === 0 ? 0 : x % y;
          break;
        case MIN:
          R[target] = Math.min(x, y);
          break;
        case MAX:
          R[target] = Math.max(x, y);
          break;
        case EQ:
          R[target] = x === y ? 1 : 0;
          break;
        case LT:
          R[target] = x < y ? 1 : 0;
          break;
        case AND:
          R[target] = x !== 0 && y !== 0 ? 1 : 0;
          break;
        case OR:
          R[target] = x !== 0 || y !== 0 ? 1 : 0;
          break;
        case NOT:
          R[target] = x === 0 ? 1 : 0;
          break;
        case XOR:
          R[target] = (x !== 0) !== (y !== 0) ? 1 : 0;
          break;
        case MOVE:
          R[target] = x;
          break;
        case CONST:
        case STORE:
          R[target] = k[line];
          break;
        case READ:
          R[target] = M[x % memorySize];
          break;
        case WRITE:
          M[x % memorySize] = y;
          break;
        case JUMP:
          if (x === 1) c = y < labels.length ? labels[y] : y % lines;
          break;
        case JEZ:
          if (x === 0) c = y < labels.length ? labels[y] : y % lines;
          break;
        case CALL:
          R[target] = k[line];
          c = x < labels.length ? labels[x] : x % lines;
          break;
        case RET:
          c = x < labels.length ? labels[x] : x % lines;
          break;
        default: {
          const { operands, values } = tables[op[line] - instructionCount];
          R[target] = operands === 1 ? values[x] : values[x * n + y];
        }
      }
    }
    this.steps += steps;
    this.line = c;
    this.depth = depth;
  }

  /** The error of a stack that outgrew the memory. */
  private overflow(entry: Entry, line: number): BudgetError {
    const { n, memorySize, comments } = this.image;
    const { stackCells } = entry;
    const cells = memorySize === n ? `n = ${n}` : `${memorySize}`;
    const reserved = stackCells === memorySize ? "" : `, of which ${stackCells} are free for the stack`;
    const where = comments[line] === "" ? `line ${line}` : `line ${line}, ${comments[line]}`;
    return new BudgetError(
      `${withOperands(entry, this.operands)} (${where}): recursion needs more than ${cells} memory cells${reserved}`,
    );
  }
}

/**
 * The entry of a program in an image.
 *
 * @throws SoftmachineError naming the nearest program when there is none of this name.
 */
export function entryOf(image: Image, name: string): Entry {
  const entry = image.entries.get(name);
  if (entry !== undefined) return entry;
  const names = [...image.entries.keys()];
  throw new SoftmachineError(
    `no program "${name}" in the image${suggestion(name, names)}; it holds ${names.map((known) => `"${known}"`).join(", ")}`,
  );
}

function checkOperands(entry: Entry, operands: readonly number[], n: number): void {
  const { name } = entry;
  if (operands.length !== entry.operands.length) {
    const wanted = `${entry.operands.length} operand${entry.operands.length === 1 ? "" : "s"}`;
    const names = entry.operands.length === 0 ? "" : ` (${entry.operands.join(", ")})`;
    throw new SoftmachineError(`"${name}" takes ${wanted}${names}; got ${operands.length}`);
  }
  for (let i = 0; i < operands.length; i++) {
    const value = operands[i];
    if (!Number.isInteger(value) || value < 0 || value >= n) {
      throw new SoftmachineError(
        `"${name}": operand ${entry.operands[i]} must be a whole number from 0 to ${n - 1} (n = ${n}); got ${value}`,
      );
    }
  }
}

/** Checks a budget of steps. */
export function checkBudget(steps: number): void {
  checkWholeNumber("the step budget", steps, 1);
}

/** `"gcd" with a = 1, b = 2`, for messages. */
function withOperands({ name, operands }: Entry, values: readonly number[]): string {
  const given = operands.map((operand, i) => `${operand} = ${values[i]}`).join(", ");
  return given === "" ? `"${name}"` : `"${name}" with ${given}`;
}

/** The message of a run that did not halt in its budget. */
function exhausted(entry: Entry, operands: readonly number[], steps: number): BudgetError {
  return new BudgetError(
    `${withOperands(entry, operands)} did not halt within ${steps.toLocaleString("en-US")} step${steps === 1 ? "" : "s"}`,
  );
}

/**
 * Runs a program of an image to its `halt`.
 *
 * @param operands values 0..n-1, one for each operand of the program.
 * @throws SoftmachineError for an unknown program or wrong operands; BudgetError when the steps or the stack run out.
 */
export function runExact(
  image: Image,
  name: string,
  operands: readonly number[],
  options: ExactOptions = {},
): ExactResult {
  const { steps = defaultStepBudget } = options;
  checkBudget(steps);
  const machine = new ExactMachine(image);
  const entry = entryOf(image, name);
  runToHalt(machine, entry, operands, steps);
  const { registers, memory } = machine;
  return {
    result: registers[0],
    value: answerOf(entry, machine),
    steps: machine.steps,
    registers,
    memory,
    halted: true,
  };
}

/** What a program that has halted gives. */
function answerOf({ result, grid }: Entry, { registers, memory }: ExactMachine): Value {
  const number = (value: number): number => (grid === undefined ? value : gridPoint(grid, value));
  if (result === undefined) return number(registers[0]);
  const {
    address,
    shape: [length, width],
  } = result;
  const row = (start: number, size: number): number[] => Array.from(memory.subarray(start, start + size), number);
  if (width === undefined) return row(address, length);
  return Array.from({ length }, (_, i) => row(address + i * width, width));
}

/** Starts a machine and runs it to its `halt`; the same failures as `runExact`. */
export function runToHalt(machine: ExactMachine, entry: Entry, operands: readonly number[], steps: number): void {
  machine.start(entry, operands);
  machine.advance(steps);
  if (!machine.halted) throw exhausted(entry, operands, steps);
}

/** The states of an exact run, one after each step, `halt` included; the same failures as `runExact`. */
export function* traceExact(
  image: Image,
  name: string,
  operands: readonly number[],
  options: ExactOptions = {},
): Generator<ExactStep, void, undefined> {
  const { steps = defaultStepBudget } = options;
  checkBudget(steps);
  const machine = new ExactMachine(image);
  const entry = entryOf(image, name);
  machine.start(entry, operands);
  while (!machine.halted) {
    if (machine.steps === steps) throw exhausted(entry, operands, steps);
    const { line } = machine;
    machine.advance(1);
    yield {
      step: machine.steps,
      line,
      op: operationNumbered(image, image.instructions.op[line]),
      next: machine.line,
      registers: machine.registers.slice(),
      memory: machine.memory.slice(),
      halted: machine.halted,
    };
  }
}
