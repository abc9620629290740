import {
  inRegister,
  type Location,
  type Move,
  type VirtualInstruction,
  type VirtualOperand,
  type VirtualRegister,
} from "./virtual-code.js";

/** Code after spilling. */
export interface SpilledCode {
  readonly code: readonly VirtualInstruction[];
  /** The first virtual register that the code does not use. */
  readonly next: VirtualRegister;
  /** Registers that live for a moment: to spill them would gain nothing. */
  readonly shortLived: readonly VirtualRegister[];
}

/**
 * Keeps some registers' values in memory: each is written there where it is defined, and read where it is used (Chaitin,
 * "Register allocation and spilling via graph coloring", 1982).
 *
 * @param next the first virtual register that the code does not use.
 */
export function spill(
  code: readonly VirtualInstruction[],
  registers: ReadonlySet<VirtualRegister>,
  next: VirtualRegister,
): SpilledCode {
  const spilling = new Spilling(registers, next);
  for (const instruction of code) spilling.instruction(instruction);
  return spilling;
}

class Spilling implements SpilledCode {
  readonly code: VirtualInstruction[] = [];
  readonly shortLived: VirtualRegister[] = [];
  private readonly locations = new Map<VirtualRegister, Location>();

  constructor(
    private readonly spilled: ReadonlySet<VirtualRegister>,
    public next: VirtualRegister,
  ) {}

  instruction(instruction: VirtualInstruction): void {
    switch (instruction.kind) {
      case "operation": {
        const { a, b, out } = instruction;
        const [first, second] = [this.read(a), b === a ? undefined : this.read(b)];
        const fields = {
          ...(a === undefined ? {} : { a: first }),
          ...(b === undefined ? {} : { b: b === a ? first : second }),
        };
        this.define(out, (written) =>
          this.code.push({ ...instruction, ...fields, ...(written === undefined ? {} : { out: written }) }),
        );
        break;
      }
      case "jump": {
        const [test, target] = [this.read(instruction.test), this.load(instruction.target)];
        this.code.push({ ...instruction, target, ...(test === undefined ? {} : { test }) });
        break;
      }
      case "moves":
        this.moves(instruction);
        break;
      case "load": {
        const index = this.read(instruction.index);
        this.define(instruction.out, (out) => {
          if (out !== undefined) this.code.push({ ...instruction, out, ...(index === undefined ? {} : { index }) });
        });
        break;
      }
      case "store": {
        const [value, index] = [this.load(instruction.value), this.read(instruction.index)];
        this.code.push({ ...instruction, value, ...(index === undefined ? {} : { index }) });
        break;
      }
      case "call": {
        const args = instruction.args.map((arg) => this.operand(arg));
        this.define(instruction.result, (result) => {
          if (result !== undefined) this.code.push({ ...instruction, args, result });
        });
        break;
      }
      case "tailCall": {
        const { args, address } = instruction;
        this.code.push({ ...instruction, args: args.map((arg) => this.operand(arg)), address: this.operand(address) });
        break;
      }
      case "return": {
        const address = this.read(instruction.address);
        this.code.push({ ...instruction, ...(address === undefined ? {} : { address }) });
        break;
      }
      default:
        this.code.push(instruction);
    }
  }

  private temporary(): VirtualRegister {
    const register = this.next++;
    this.shortLived.push(register);
    return register;
  }

  private locationOf(register: VirtualRegister): Location {
    let location = this.locations.get(register);
    if (location === undefined) {
      location = { size: 1, spilled: true };
      this.locations.set(register, location);
    }
    return location;
  }

  /** An operand with the cell of a spilled register in the register's place. */
  private operand(operand: VirtualOperand): VirtualOperand {
    if (operand.kind !== "register" || !this.spilled.has(operand.register)) return operand;
    return { kind: "cell", location: this.locationOf(operand.register), offset: 0 };
  }

  private read(register: VirtualRegister | undefined): VirtualRegister | undefined {
    return register === undefined ? undefined : this.load(register);
  }

  private load(register: VirtualRegister): VirtualRegister {
    return this.spilled.has(register) ? this.inRegister(this.operand(inRegister(register))) : register;
  }

  private inRegister(operand: VirtualOperand): VirtualRegister {
    if (operand.kind === "register") return operand.register;
    const out = this.temporary();
    if (operand.kind === "cell") {
      const { location, offset } = operand;
      this.code.push({ kind: "load", out, location, offset, comment: "spilled" });
    } else this.code.push({ kind: "moves", moves: [{ to: out, from: operand }] });
    return out;
  }

  /** Emits an instruction that writes a register, or writes a fresh one that then goes to memory. */
  private define(out: VirtualRegister | undefined, emit: (out: VirtualRegister | undefined) => void): void {
    if (out === undefined || !this.spilled.has(out)) {
      emit(out);
      return;
    }
    const value = this.temporary();
    emit(value);
    this.store(this.locationOf(out), value);
  }

  private store(location: Location, value: VirtualRegister): void {
    this.code.push({ kind: "store", location, offset: 0, value, scratch: this.temporary(), comment: "spill" });
  }

  /** Moves all at once, if need be one after another: each when no other still reads what it writes. */
  private moves(instruction: Extract<VirtualInstruction, { kind: "moves" }>): void {
    const { moves, comment } = instruction;
    if (!moves.some(({ to }) => this.spilled.has(to))) {
      this.code.push({ ...instruction, moves: moves.map(({ to, from }) => ({ to, from: this.operand(from) })) });
      return;
    }
    let pending: Move[] = moves.filter(({ to, from }) => from.kind !== "register" || from.register !== to);
    const reads = (move: Move, register: VirtualRegister): boolean =>
      move.from.kind === "register" && move.from.register === register;
    while (pending.length > 0) {
      const ready = pending.find((move) => pending.every((other) => other === move || !reads(other, move.to)));
      if (ready === undefined) {
        // A cycle: what the first move overwrites is put aside.
        const [{ to }] = pending;
        const aside: Location = { size: 1, spilled: true };
        this.store(aside, this.load(to));
        const from: VirtualOperand = { kind: "cell", location: aside, offset: 0 };
        pending = pending.map((move) => (reads(move, to) ? { to: move.to, from } : move));
        continue;
      }
      const from = this.operand(ready.from);
      if (this.spilled.has(ready.to)) this.store(this.locationOf(ready.to), this.inRegister(from));
      else this.code.push({ kind: "moves", moves: [{ to: ready.to, from }], comment });
      pending = pending.filter((move) => move !== ready);
    }
  }
}
