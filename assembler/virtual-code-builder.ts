import type { Operation } from "./instructions.js";
import type { Emitter } from "./primitive-lowering.js";
import type { SymbolNames } from "./symbol-names.js";
import {
  firstVirtual,
  inRegister,
  type Location,
  type Move,
  type VirtualInstruction,
  type VirtualOperand,
  type VirtualRegister,
} from "./virtual-code.js";

/** Writes the code of one function, over virtual registers. */
export class VirtualCodeBuilder implements Emitter {
  readonly code: VirtualInstruction[] = [];
  /** What the next instructions are for. */
  comment: string | undefined;
  /** The first register that is not used. */
  next = firstVirtual;
  private readonly flags = new Set<VirtualRegister>();
  private readonly negations = new Map<VirtualRegister, VirtualRegister>();

  constructor(
    private readonly label: string,
    private readonly names: SymbolNames,
  ) {
    this.mark(label);
  }

  temporary(): VirtualRegister {
    return this.next++;
  }

  register(operand: VirtualOperand): VirtualRegister {
    if (operand.kind === "register") return operand.register;
    const out = this.temporary();
    if (operand.kind === "cell") {
      this.load(out, operand.location, operand.offset);
      return out;
    }
    const { value } = operand;
    if (value === 0) this.code.push({ kind: "operation", op: "zero", out, comment: "0" });
    else this.code.push({ kind: "operation", op: "const", out, k: value, comment: `${value}` });
    return out;
  }

  emit(op: Operation, out: VirtualRegister, a?: VirtualRegister, b?: VirtualRegister): void {
    this.code.push({
      kind: "operation",
      op,
      out,
      ...(a === undefined ? {} : { a }),
      ...(b === undefined ? {} : { b }),
      comment: this.comment,
    });
  }

  flag(flag: VirtualRegister, negated?: VirtualRegister): void {
    this.flags.add(flag);
    if (negated !== undefined) this.negations.set(flag, negated);
  }

  isFlag(flag: VirtualRegister): boolean {
    return this.flags.has(flag);
  }

  /** The register that holds 0 where a flag holds 1, and 1 where it holds 0, if there is one. */
  oppositeOf(flag: VirtualRegister): VirtualRegister | undefined {
    return this.negations.get(flag);
  }

  copy(to: VirtualRegister, from: VirtualRegister): void {
    this.moves([{ to, from: inRegister(from) }]);
  }

  loopUntil(stop: () => VirtualRegister, body: () => void): void {
    const [again, done] = [this.fresh("again"), this.fresh("done")];
    this.mark(again);
    this.jump(done, stop());
    body();
    this.jump(again);
    this.mark(done);
  }

  /** A label that nothing else has, for a place in this function. */
  fresh(hint: string): string {
    return this.names.fresh(`${this.label}.${hint}`);
  }

  /** Puts a label here. */
  mark(label: string): void {
    this.code.push({ kind: "label", label });
  }

  moves(moves: readonly Move[]): void {
    if (moves.length > 0) this.code.push({ kind: "moves", moves, comment: this.comment });
  }

  /** Jumps to a label: always, or when the flag `test` is 1. */
  jump(label: string, test?: VirtualRegister): void {
    const target = this.temporary();
    this.code.push({ kind: "operation", op: "const", out: target, k: { label } });
    this.code.push({
      kind: "jump",
      target,
      label,
      ...(test === undefined ? {} : { test, comment: `if ${this.comment}` }),
    });
  }

  begin(location: Location): void {
    this.code.push({ kind: "begin", location });
  }

  load(out: VirtualRegister, location: Location, offset: number, index?: VirtualRegister): void {
    const { comment } = this;
    this.code.push({ kind: "load", out, location, offset, ...(index === undefined ? {} : { index }), comment });
  }

  store(location: Location, offset: number, value: VirtualOperand, index?: VirtualRegister): void {
    const register = this.register(value);
    this.code.push({
      kind: "store",
      location,
      offset,
      ...(index === undefined ? {} : { index }),
      value: register,
      scratch: this.temporary(),
      comment: this.comment,
    });
  }
}
