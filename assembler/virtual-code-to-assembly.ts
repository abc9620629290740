import type { AssemblyInstruction, Immediate } from "./assembly.js";
import type { Mnemonic } from "./instructions.js";
import { type Allocation, type AllocationOptions, allocateRegisters } from "./register-allocation.js";
import type { SymbolNames } from "./symbol-names.js";
import type { VirtualFunction, VirtualInstruction, VirtualOperand } from "./virtual-code.js";

/** Stands for the stack pointer, whose register is known once every function has its own. */
export const stackPointerToBe = -1;

/** A function over machine registers. */
export interface AllocatedFunction {
  readonly instructions: readonly AssemblyInstruction[];
  readonly labels: ReadonlyMap<string, number>;
  /** The machine registers that it writes itself. */
  readonly written: ReadonlySet<number>;
}

/** Allocates a function's registers and expands moves, calls and returns. */
export function virtualCodeToAssembly(
  f: VirtualFunction,
  names: SymbolNames,
  options: AllocationOptions,
): AllocatedFunction {
  const allocation = allocateRegisters(f.code, options);
  const expansion = new Expansion(f, allocation, names, options);
  f.code.forEach((instruction, i) => {
    expansion.instruction(instruction, i);
  });
  return expansion;
}

interface RegisterMove {
  readonly to: number;
  readonly from: number;
}

class Expansion implements AllocatedFunction {
  readonly instructions: AssemblyInstruction[] = [];
  readonly labels = new Map<string, number>();
  readonly written = new Set<number>();

  constructor(
    private readonly f: VirtualFunction,
    private readonly allocation: Allocation,
    private readonly names: SymbolNames,
    private readonly options: AllocationOptions,
  ) {}

  instruction(instruction: VirtualInstruction, index: number): void {
    const { registerOf } = this.allocation;
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
        break;
      case "jump": {
        const target = registerOf(instruction.target);
        if (instruction.test === undefined) this.emit("ret", { a: target }, `to ${instruction.label}`);
        else this.emit("jump", { a: registerOf(instruction.test), b: target }, instruction.comment);
        break;
      }
      case "moves": {
        const moves = instruction.moves.map(({ to, from }) => ({ to: registerOf(to), from }));
        this.moves(moves, this.allocation.busyAfter[index], instruction.comment);
        break;
      }
      case "call":
        this.call(instruction, index);
        break;
      case "tailCall": {
        const { args, address, comment, label } = instruction;
        const last = args.length;
        this.moves(
          [...args, { kind: "register" as const, register: address }].map((from, i) => ({ to: i, from })),
          new Set(),
          comment,
        );
        this.write("const", last + 1, { k: { label } });
        this.emit("ret", { a: last + 1 }, `to ${label}: ${comment ?? ""}`);
        break;
      }
      case "return":
        if (instruction.address === undefined) this.emit("halt", {});
        else this.emit("ret", { a: registerOf(instruction.address) }, "return");
    }
  }

  private emit(
    op: Mnemonic,
    fields: { out?: number; a?: number; b?: number; k?: Immediate },
    comment?: string | undefined,
  ): void {
    const { out = 0, a = 0, b = 0, k = 0 } = fields;
    this.instructions.push({ op, a, b, out, k, ...(comment === undefined || comment === "" ? {} : { comment }) });
  }

  private write(op: Mnemonic, out: number, fields: { a?: number; k?: Immediate }, comment?: string): void {
    this.written.add(out);
    this.emit(op, { ...fields, out }, comment);
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
    this.moves(
      args.map((from, i) => ({ to: i, from })),
      busyAfter[index],
      comment,
    );
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

  /** Writes every destination at once: in an order that reads each source first, a cycle through a register nobody needs. */
  private moves(
    moves: readonly { to: number; from: VirtualOperand }[],
    busy: ReadonlySet<number>,
    comment?: string | undefined,
  ): void {
    const { registerOf } = this.allocation;
    const constants = moves.flatMap(({ to, from }) => (from.kind === "constant" ? [{ to, value: from.value }] : []));
    let pending: RegisterMove[] = moves
      .flatMap(({ to, from }) => (from.kind === "register" ? [{ to, from: registerOf(from.register) }] : []))
      .filter(({ to, from }) => to !== from);
    const taken = new Set([...busy, ...moves.map(({ to }) => to), ...pending.map(({ from }) => from)]);
    while (pending.length > 0) {
      const ready = pending.find(({ to }) => pending.every(({ from }) => from !== to));
      if (ready !== undefined) {
        this.write("move", ready.to, { a: ready.from }, comment);
        pending = pending.filter((move) => move !== ready);
        continue;
      }
      const [{ from: first }] = pending;
      let scratch = 0;
      while (taken.has(scratch)) scratch++;
      this.write("move", scratch, { a: first }, comment);
      pending = pending.map((move) => (move.from === first ? { to: move.to, from: scratch } : move));
    }
    for (const { to, value } of constants) {
      if (value === 0) this.write("zero", to, {}, comment);
      else this.write("const", to, { k: value }, comment);
    }
  }
}

/** Puts the stack pointer's register in the place of `stackPointerToBe`. */
export function withStackPointer(instruction: AssemblyInstruction, stackPointer: number): AssemblyInstruction {
  const placed = (register: number): number => (register === stackPointerToBe ? stackPointer : register);
  const { a, b, out } = instruction;
  return { ...instruction, a: placed(a), b: placed(b), out: placed(out) };
}
