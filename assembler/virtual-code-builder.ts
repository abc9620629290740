import type { Operation } from "./instructions.js";
import type { Emitter, Test } from "./primitive-lowering.js";
import type { SymbolNames } from "./symbol-names.js";
import {
  constantOf,
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
  /** Where a run goes that has left an array; undefined when none can. */
  private outside: string | undefined;
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

  not(out: VirtualRegister, of: VirtualRegister): void {
    this.emit("not", out, of);
    this.negations.set(out, of);
  }

  flag(register: VirtualRegister): void {
    this.flags.add(register);
  }

  /** Whether a register is known to hold 0 or 1. */
  isFlag(register: VirtualRegister): boolean {
    return this.flags.has(register);
  }

  /** The register that a register holds the logical `not` of, if there is one. */
  negatedBy(register: VirtualRegister): VirtualRegister | undefined {
    return this.negations.get(register);
  }

  copy(to: VirtualRegister, from: VirtualRegister): void {
    this.moves([{ to, from: inRegister(from) }]);
  }

  loopWhile(test: VirtualRegister, body: () => void): void {
    const [again, done] = [this.fresh("again"), this.fresh("done")];
    this.mark(again);
    this.jump(done, { register: test, is: 0 });
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

  /** Jumps to a label: always, or where a test holds. */
  jump(label: string, test?: Test, when: "if" | "unless" | "outside" = "if"): void {
    const target = this.temporary();
    this.code.push({ kind: "operation", op: "const", out: target, k: { label } });
    this.code.push({
      kind: "jump",
      target,
      label,
      ...(test === undefined ? {} : { test: test.register, is: test.is, comment: `${when} ${this.comment}` }),
    });
  }

  /** Goes on only where a register holds less than `count`. */
  stayBelow(register: VirtualRegister, count: number): void {
    this.outside ??= this.fresh("outside");
    const isOutside = this.temporary();
    this.emit("lt", isOutside, this.register(constantOf(count - 1)), register);
    this.jump(this.outside, { register: isOutside, is: 1 }, "outside");
  }

  /** Ends the code: what has left an array stays here and never halts. */
  end(): void {
    if (this.outside === undefined) return;
    this.mark(this.outside);
    this.comment = undefined;
    this.jump(this.outside);
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
