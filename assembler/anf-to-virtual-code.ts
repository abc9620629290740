import {
  type AnfProgram,
  type Atom,
  type Block,
  type Computation,
  printNumber,
  type Source,
  SourceError,
  type Span,
  type Tail,
} from "../scheme/index.js";
import { mostValues } from "./assembly.js";
import type { CallGraph } from "./call-graph.js";
import { type Emitter, lowerings } from "./primitive-lowering.js";
import { scheduled } from "./schedule.js";
import type { SymbolNames } from "./symbol-names.js";
import {
  firstVirtual,
  type VirtualFunction,
  type VirtualInstruction,
  type VirtualOperand,
  type VirtualRegister,
} from "./virtual-code.js";

/** Where a block's value goes: out of the function, or into a register and on at a label. */
type Destination =
  | { readonly kind: "return" }
  | { readonly kind: "bind"; readonly register: VirtualRegister; readonly join: string };

interface LoopHeader {
  readonly label: string;
  readonly variables: readonly VirtualRegister[];
}

const longestComment = 44;

/** The text of a span on one line, for a comment. */
function commentOf(source: Source, span: Span): string {
  const text = source.text.slice(span.start, span.end).replace(/\s+/g, " ").trim();
  return text.length <= longestComment ? text : `${text.slice(0, longestComment - 1).trimEnd()}…`;
}

/**
 * Lowers one function, or the program's body when `name` is undefined, to code over virtual registers.
 *
 * @throws SourceError for what the machine has no instruction for.
 */
export function lowerToVirtualCode(
  program: AnfProgram,
  name: string | undefined,
  names: SymbolNames,
  graph: CallGraph,
): VirtualFunction {
  return new Lowering(program, name, names, graph).lower();
}

class Lowering implements Emitter {
  private readonly code: VirtualInstruction[] = [];
  private variables = new Map<string, VirtualOperand>();
  private readonly loops = new Map<string, LoopHeader>();
  private readonly flags = new Set<VirtualRegister>();
  private readonly negations = new Map<VirtualRegister, VirtualRegister>();
  private readonly label: string;
  private returnAddress: VirtualRegister | undefined;
  private next = firstVirtual;
  private comment: string | undefined;

  constructor(
    private readonly program: AnfProgram,
    private readonly name: string | undefined,
    private readonly names: SymbolNames,
    private readonly graph: CallGraph,
  ) {
    this.label = names.ofFunction(name);
  }

  lower(): VirtualFunction {
    const f = this.name === undefined ? undefined : this.program.functions.get(this.name);
    const parameters = f?.parameters ?? this.program.inputs;
    const moves = parameters.map((parameter, i) => ({ to: this.variable(parameter), from: register(i) }));
    this.code.push({ kind: "label", label: this.label });
    if (f !== undefined) {
      this.returnAddress = this.temporary();
      moves.push({ to: this.returnAddress, from: register(parameters.length) });
    }
    this.code.push({ kind: "moves", moves, comment: "operands" });
    this.block(f?.body ?? this.program.body, { kind: "return" });
    return { name: this.name, label: this.label, code: this.code };
  }

  private variable(name: string): VirtualRegister {
    const fresh = this.temporary();
    this.variables.set(name, register(fresh));
    return fresh;
  }

  private fresh(hint: string): string {
    return this.names.fresh(`${this.label}.${hint}`);
  }

  /** Sets what the next instructions are for. */
  private at(span: Span): void {
    this.comment = commentOf(this.program.source, span);
  }

  private fail(what: string, span: Span): never {
    throw new SourceError(what, this.program.source, span);
  }

  private operand(atom: Atom): VirtualOperand {
    if (atom.kind === "variable") {
      return this.variables.get(atom.name) ?? this.fail(`"${atom.name}" has no value here`, atom.span);
    }
    const { value, span } = atom;
    if (!Number.isInteger(value)) {
      this.fail(
        `${printNumber(value)} is not a whole number, and the machine has no others; the exact path (compile) runs it`,
        span,
      );
    }
    if (value >= mostValues || value < -mostValues) {
      this.fail(
        `${printNumber(value)} is no value of any machine, which are 0..n-1 with n of at most ${mostValues}; the exact path (compile) runs it`,
        span,
      );
    }
    return { kind: "constant", value: value + 0 };
  }

  private operands(atoms: readonly Atom[]): VirtualOperand[] {
    return atoms.map((atom) => this.operand(atom));
  }

  private block(block: Block, destination: Destination): void {
    for (const { name, value } of scheduled(block)) this.bind(name, value);
    this.tail(block.tail, destination);
  }

  private bind(name: string, value: Computation): void {
    const { span } = value;
    switch (value.kind) {
      case "primitive": {
        const lowering = lowerings[value.op];
        if (lowering === undefined) {
          this.fail(`"${value.op}" has no instruction on the machine; the exact path (compile) runs it`, span);
        }
        const args = this.operands(value.args);
        this.at(span);
        lowering(this, args, this.variable(name));
        break;
      }
      case "call": {
        const args = this.operands(value.args);
        const out = this.temporary();
        if (this.graph.isInlined(value.callee)) {
          const join = this.fresh("join");
          this.inline(value.callee, args, { kind: "bind", register: out, join });
          this.code.push({ kind: "label", label: join });
        } else this.call(value.callee, args, out, span);
        this.variables.set(name, register(out));
        break;
      }
      case "derivative":
        this.fail('"derivative" has no instruction on the machine; the exact path (compile) runs it', span);
        break;
      default: {
        const out = this.variable(name);
        const join = this.fresh("join");
        this.tail(value, { kind: "bind", register: out, join });
        this.code.push({ kind: "label", label: join });
      }
    }
  }

  private tail(tail: Tail, destination: Destination): void {
    switch (tail.kind) {
      case "return":
        this.finish(this.operand(tail.value), destination, tail.span);
        break;
      case "recur": {
        const loop = this.loops.get(tail.label);
        if (loop === undefined) this.fail(`no loop "${tail.label}" around this recur`, tail.span);
        const args = this.operands(tail.args);
        this.at(tail.span);
        this.moves(loop.variables.map((to, i) => ({ to, from: args[i] })));
        this.jump(loop.label);
        break;
      }
      case "call":
        this.tailCall(tail.callee, this.operands(tail.args), destination, tail.span);
        break;
      case "if":
        this.branch(tail, destination);
        break;
      case "loop": {
        const label = this.fresh(tail.label.replace(/^%/, ""));
        const initial = this.operands(tail.initial);
        const variables = tail.variables.map((variable) => this.variable(variable));
        this.comment = `${tail.variables.map((variable) => variable.replace(/^%/, "")).join(", ")} at first`;
        this.moves(variables.map((to, i) => ({ to, from: initial[i] })));
        this.loops.set(tail.label, { label, variables });
        this.code.push({ kind: "label", label });
        this.block(tail.body, destination);
      }
    }
  }

  private finish(value: VirtualOperand, destination: Destination, span: Span): void {
    if (destination.kind === "return") {
      this.comment = `result ${commentOf(this.program.source, span)}`;
      this.moves([{ to: 0, from: value }]);
      this.code.push({
        kind: "return",
        ...(this.returnAddress === undefined ? {} : { address: this.returnAddress }),
      });
    } else {
      this.at(span);
      this.moves([{ to: destination.register, from: value }]);
      this.jump(destination.join);
    }
  }

  private branch({ test, consequent, alternative }: Extract<Tail, { kind: "if" }>, destination: Destination): void {
    const condition = this.operand(test);
    // Modulo n, which is not known yet, a constant that is farther from 0 may be 0 too: the linker sees whether it fits.
    if (condition.kind === "constant" && Math.abs(condition.value) <= 1) {
      this.block(condition.value !== 0 ? consequent : alternative, destination);
      return;
    }
    this.at(test.span);
    // Only a flag that is exactly 1 jumps, so a value that may be anything is negated, and the other arm jumped to.
    const value = this.register(condition);
    const opposite = this.negations.get(value);
    let flag = opposite ?? value;
    let inverted = opposite !== undefined;
    if (!this.flags.has(flag)) {
      flag = this.temporary();
      this.emit("not", flag, value);
      inverted = true;
    }
    const label = this.fresh(inverted ? "else" : "then");
    this.jump(label, flag);
    this.block(inverted ? consequent : alternative, destination);
    this.code.push({ kind: "label", label });
    this.block(inverted ? alternative : consequent, destination);
  }

  private call(callee: string, args: readonly VirtualOperand[], result: VirtualRegister, span: Span): void {
    this.at(span);
    this.code.push({ kind: "call", callee, label: this.names.ofFunction(callee), args, result, comment: this.comment });
  }

  /** Puts a function with a single call in its place; false when it has more. */
  private inline(callee: string, args: readonly VirtualOperand[], destination: Destination): boolean {
    const f = this.graph.isInlined(callee) ? this.program.functions.get(callee) : undefined;
    if (f === undefined) return false;
    const outer = this.variables;
    this.variables = new Map(f.parameters.map((parameter, i) => [parameter, args[i]]));
    this.block(f.body, destination);
    this.variables = outer;
    return true;
  }

  private tailCall(callee: string, args: readonly VirtualOperand[], destination: Destination, span: Span): void {
    if (this.inline(callee, args, destination)) return;
    if (destination.kind === "return" && this.returnAddress !== undefined) {
      this.at(span);
      const label = this.names.ofFunction(callee);
      this.code.push({ kind: "tailCall", callee, label, args, address: this.returnAddress, comment: this.comment });
      return;
    }
    const result = this.temporary();
    this.call(callee, args, result, span);
    this.finish(register(result), destination, span);
  }

  private moves(moves: readonly { to: VirtualRegister; from: VirtualOperand }[]): void {
    this.code.push({ kind: "moves", moves, comment: this.comment });
  }

  private jump(label: string, test?: VirtualRegister): void {
    const target = this.temporary();
    this.code.push({ kind: "operation", op: "const", out: target, k: { label } });
    this.code.push({
      kind: "jump",
      target,
      label,
      ...(test === undefined ? {} : { test, comment: `if ${this.comment}` }),
    });
  }

  temporary(): VirtualRegister {
    return this.next++;
  }

  register(operand: VirtualOperand): VirtualRegister {
    if (operand.kind === "register") return operand.register;
    const out = this.temporary();
    const { value } = operand;
    if (value === 0) this.code.push({ kind: "operation", op: "zero", out, comment: "0" });
    else this.code.push({ kind: "operation", op: "const", out, k: value, comment: `${value}` });
    return out;
  }

  emit(op: Extract<VirtualInstruction, { kind: "operation" }>["op"], out: number, a?: number, b?: number): void {
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

  copy(to: VirtualRegister, from: VirtualRegister): void {
    this.moves([{ to, from: register(from) }]);
  }

  loopUntil(stop: () => VirtualRegister, body: () => void): void {
    const [again, done] = [this.fresh("again"), this.fresh("done")];
    this.code.push({ kind: "label", label: again });
    this.jump(done, stop());
    body();
    this.jump(again);
    this.code.push({ kind: "label", label: done });
  }
}

function register(number: VirtualRegister): VirtualOperand {
  return { kind: "register", register: number };
}
