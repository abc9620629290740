import type { AssemblyInstruction, Immediate } from "./assembly.js";
import type { Mnemonic, Operation } from "./instructions.js";
import { type Allocation, type AllocationOptions, allocateRegisters, stackPointerToBe } from "./register-allocation.js";
import type { SymbolNames } from "./symbol-names.js";
import type { Location, VirtualFunction, VirtualInstruction, VirtualOperand } from "./virtual-code.js";

/** A function over machine registers. */
export interface AllocatedFunction {
  /** The label of its first line. */
  readonly label: string;
  readonly instructions: readonly AssemblyInstruction[];
  readonly labels: ReadonlyMap<string, number>;
  /** The machine registers that it writes itself. */
  readonly written: ReadonlySet<number>;
  /** Cells of its frame. */
  readonly frameSize: number;
}

export interface ExpansionOptions extends AllocationOptions {
  /** The address of the frame; without one it is on the stack. */
  readonly frameAddress?: number;
}

/** Allocates a function's registers and its frame, and expands moves, calls and returns. */
export function virtualCodeToAssembly(
  f: VirtualFunction,
  names: SymbolNames,
  options: ExpansionOptions,
): AllocatedFunction {
  const allocation = allocateRegisters(f, options);
  const expansion = new Expansion(f, allocation, names, options);
  allocation.code.forEach((instruction, i) => {
    expansion.instruction(instruction, i);
  });
  return expansion;
}

interface RegisterMove {
  readonly to: number;
  readonly from: number;
}

/** Up to so many cells the stack pointer is moved one by one. */
const fewCells = 3;

class Expansion implements AllocatedFunction {
  readonly instructions: AssemblyInstruction[] = [];
  readonly labels = new Map<string, number>();
  readonly written = new Set<number>();
  /** Cells pushed beside the frame. */
  private pushed = 0;

  constructor(
    private readonly f: VirtualFunction,
    private readonly allocation: Allocation,
    private readonly names: SymbolNames,
    private readonly options: ExpansionOptions,
  ) {}

  get label(): string {
    return this.f.label;
  }

  get frameSize(): number {
    return this.allocation.frame.size;
  }

  instruction(instruction: VirtualInstruction, index: number): void {
    const { registerOf, busyAfter } = this.allocation;
    switch (instruction.kind) {
      case "operation": {
        const { op, out, a, b, k, comment } = instruction;
        const mapped = (register: number | undefined): number => (register === undefined ? 0 : registerOf(register));
        this.emit(op, { out: mapped(out), a: mapped(a), b: mapped(b), k: k ?? 0 }, comment);
        if (out !== undefined) this.written.add(registerOf(out));
        break;
      }
      case "label":
        this.labels.set(instruction.label, this.instructions.length);
        // Above the arguments and the return address every register is free.
        if (index === 0) this.moveStackPointer("sub", this.f.parameters + 1);
        break;
      case "jump": {
        const target = registerOf(instruction.target);
        if (instruction.test === undefined) this.emit("ret", { a: target }, `to ${instruction.label}`);
        else {
          const op = instruction.is === 0 ? "jez" : "jump";
          this.emit(op, { a: registerOf(instruction.test), b: target }, instruction.comment);
        }
        break;
      }
      case "moves": {
        const moves = instruction.moves.map(({ to, from }) => ({ to: registerOf(to), from }));
        this.moves(moves, busyAfter[index], instruction.comment);
        break;
      }
      case "begin":
        break;
      case "load": {
        const { location, offset, out, comment } = instruction;
        this.load(registerOf(out), location, offset, comment, instruction.index);
        break;
      }
      case "store": {
        const { location, offset, value, scratch, index, comment } = instruction;
        const address = this.address(registerOf(scratch), location, offset, index);
        this.emit("write", { a: address, b: registerOf(value) }, comment);
        if (registerOf(scratch) === stackPointerToBe) this.writeConstant(stackPointerToBe, 0);
        break;
      }
      case "call":
        this.call(instruction, index);
        break;
      case "tailCall": {
        const { args, address, comment, label } = instruction;
        const last = args.length;
        this.moves(
          [...args, address].map((from, i) => ({ to: i, from })),
          new Set(),
          comment,
        );
        this.moveStackPointer("add", last + 1);
        this.write("const", last + 1, { k: { label } });
        this.emit("ret", { a: last + 1 }, `to ${label}: ${comment ?? ""}`);
        break;
      }
      case "return":
        if (instruction.address === undefined) this.emit("halt", {});
        else {
          const address = registerOf(instruction.address);
          const taken = instruction.result ? [0, address] : [address];
          this.moveStackPointer("add", [0, 1, 2].find((register) => !taken.includes(register)) ?? 0);
          this.emit("ret", { a: address }, "return");
        }
    }
  }

  private emit(
    op: Operation,
    fields: { out?: number; a?: number; b?: number; k?: Immediate },
    comment?: string | undefined,
  ): void {
    const { out = 0, a = 0, b = 0, k = 0 } = fields;
    this.instructions.push({ op, a, b, out, k, ...(comment === undefined || comment === "" ? {} : { comment }) });
  }

  private write(op: Mnemonic, out: number, fields: { a?: number; b?: number; k?: Immediate }, comment?: string): void {
    this.written.add(out);
    this.emit(op, { ...fields, out }, comment);
  }

  private writeConstant(out: number, value: number, comment?: string): void {
    if (value === 0) this.write("zero", out, {}, comment);
    else this.write("const", out, { k: value }, comment);
  }

  /** Makes room for the frame, or gives it back; `scratch` is a register that nothing else needs. */
  private moveStackPointer(op: "add" | "sub", scratch: number): void {
    const { frameSize } = this;
    if (frameSize === 0 || this.options.frameAddress !== undefined) return;
    const comment = op === "sub" ? `frame of ${frameSize}` : "frame done with";
    const pointer = stackPointerToBe;
    if (frameSize <= fewCells || scratch >= this.options.registers) {
      const step = op === "sub" ? "dec" : "inc";
      for (let i = 0; i < frameSize; i++) this.emit(step, { out: pointer, a: pointer }, comment);
    } else {
      this.writeConstant(scratch, frameSize);
      this.emit(op, { out: pointer, a: pointer, b: scratch }, comment);
    }
  }

  /** A register that holds the address of a cell: `scratch`, or the stack pointer or the index itself. */
  private address(scratch: number, location: Location, offset: number, index?: number): number {
    const { cell, absolute } = this.cellOf(location, offset);
    if (index !== undefined) {
      const position = this.allocation.registerOf(index);
      if (absolute && cell === 0) return position;
      const base = this.address(scratch, location, offset);
      this.write("add", scratch, { a: base, b: position });
    } else if (absolute) this.writeConstant(scratch, cell);
    else if (cell === 0) return stackPointerToBe;
    else if (cell === 1) this.write("inc", scratch, { a: stackPointerToBe });
    else {
      this.writeConstant(scratch, cell);
      this.write("add", scratch, { a: stackPointerToBe, b: scratch });
    }
    return scratch;
  }

  /** A cell's address, or how far above the stack pointer it is. */
  private cellOf(location: Location, offset: number): { cell: number; absolute: boolean } {
    const { frameAddress } = this.options;
    if (location.address !== undefined) return { cell: location.address + offset, absolute: true };
    const inFrame = (this.allocation.frame.offsets.get(location) ?? 0) + offset;
    if (frameAddress !== undefined) return { cell: frameAddress + inFrame, absolute: true };
    return { cell: this.pushed + inFrame, absolute: false };
  }

  private load(out: number, location: Location, offset: number, comment?: string, index?: number): void {
    this.write("read", out, { a: this.address(out, location, offset, index) }, comment);
  }

  private call(instruction: Extract<VirtualInstruction, { kind: "call" }>, index: number): void {
    const { callee, label, args, result, comment } = instruction;
    const { registerOf, busyAfter } = this.allocation;
    const clobbered = this.options.clobberedBy(callee);
    const resultRegister = registerOf(result);
    const saved = [...busyAfter[index]]
      .filter((register) => register !== resultRegister && (clobbered === undefined || clobbered.has(register)))
      .sort((x, y) => x - y);
    for (const register of saved) {
      this.emit("dec", { out: stackPointerToBe, a: stackPointerToBe }, `push r${register}`);
      this.emit("write", { a: stackPointerToBe, b: register });
    }
    this.pushed = saved.length;
    this.moves(
      args.map((from, i) => ({ to: i, from })),
      busyAfter[index],
      comment,
    );
    this.pushed = 0;
    const address = args.length;
    const back = this.names.fresh(`${this.f.label}.back`);
    this.write("const", address, { k: { label } });
    this.write("call", address, { a: address, k: { label: back } }, comment);
    this.labels.set(back, this.instructions.length);
    for (const register of saved.reverse()) {
      this.write("read", register, { a: stackPointerToBe }, `pop r${register}`);
      this.emit("inc", { out: stackPointerToBe, a: stackPointerToBe });
    }
    if (resultRegister !== 0) this.write("move", resultRegister, { a: 0 });
  }

  /**
   * Writes every destination at once: registers in an order that reads each source first, a cycle through a register that
   * nobody needs; then what comes from memory, and constants.
   */
  private moves(
    moves: readonly { to: number; from: VirtualOperand }[],
    busy: ReadonlySet<number>,
    comment?: string | undefined,
  ): void {
    const { registerOf } = this.allocation;
    let pending: RegisterMove[] = moves
      .flatMap(({ to, from }) => (from.kind === "register" ? [{ to, from: registerOf(from.register) }] : []))
      .filter(({ to, from }) => to !== from);
    while (pending.length > 0) {
      const ready = pending.find(({ to }) => pending.every(({ from }) => from !== to));
      if (ready !== undefined) {
        this.write("move", ready.to, { a: ready.from }, comment);
        pending = pending.filter((move) => move !== ready);
        continue;
      }
      const [{ to, from: first }] = pending;
      const taken = new Set([...busy, ...moves.map((move) => move.to), ...pending.map(({ from }) => from)]);
      let scratch = 0;
      while (taken.has(scratch)) scratch++;
      if (scratch < this.options.registers) {
        this.write("move", scratch, { a: first }, comment);
        pending = pending.map((move) => (move.from === first ? { to: move.to, from: scratch } : move));
        continue;
      }
      // All are taken: the two registers change places, so that one of them has its value.
      this.write("add", to, { a: to, b: first }, comment);
      this.write("sub", first, { a: to, b: first }, comment);
      this.write("sub", to, { a: to, b: first }, comment);
      pending = pending
        .slice(1)
        .map((move) => (move.from === to ? { to: move.to, from: first } : move))
        .filter((move) => move.to !== move.from);
    }
    for (const { to, from } of moves) {
      if (from.kind === "cell") this.load(to, from.location, from.offset, comment);
    }
    for (const { to, from } of moves) if (from.kind === "constant") this.writeConstant(to, from.value, comment);
  }
}

/** Puts the stack pointer's register in the place of `stackPointerToBe`. */
export function withStackPointer(instruction: AssemblyInstruction, stackPointer: number): AssemblyInstruction {
  const placed = (register: number): number => (register === stackPointerToBe ? stackPointer : register);
  const { a, b, out } = instruction;
  return { ...instruction, a: placed(a), b: placed(b), out: placed(out) };
}
