import {
  type AnfProgram,
  type Atom,
  type Block,
  type Computation,
  isScalarOp,
  type OpName,
  type Source,
  SourceError,
  type Span,
  sizeOf,
  specOf,
  type Tail,
} from "../scheme/index.js";
import type { CallGraph } from "./call-graph.js";
import { CallingConvention, type Passing } from "./calling-convention.js";
import { arrayAt, arrayLowerings, elementwise, isArray, type MachineValue } from "./machine-arrays.js";
import { PendingCode } from "./pending.js";
import type { Arithmetic, Test } from "./primitive-lowering.js";
import { scheduled } from "./schedule.js";
import type { FunctionShapes } from "./shape-inference.js";
import { arrayEmitter, assign, type Storage } from "./storage.js";
import type { SymbolNames } from "./symbol-names.js";
import { Variables } from "./variables.js";
import {
  constantOf,
  inRegister,
  type Location,
  type Move,
  type VirtualFunction,
  type VirtualOperand,
  type VirtualRegister,
} from "./virtual-code.js";
import { VirtualCodeBuilder } from "./virtual-code-builder.js";

/** Where a block's value goes: out of the function, or into a variable and on at a label. */
type Destination =
  | { readonly kind: "return" }
  | { readonly kind: "bind"; readonly storage: Storage; readonly join: string };

interface LoopHeader {
  readonly label: string;
  readonly variables: readonly Storage[];
}

/** What all functions of a program have in common when they are lowered. */
export interface LoweringContext {
  readonly program: AnfProgram;
  readonly shapes: ReadonlyMap<string | undefined, FunctionShapes>;
  readonly names: SymbolNames;
  readonly graph: CallGraph;
  readonly arithmetic: Arithmetic;
  /** Whether a run that reads outside an array shall not halt. */
  readonly checkedIndices: boolean;
  /** The first address of each input that is an array. */
  readonly inputs: ReadonlyMap<string, number>;
  readonly passing: Passing;
}

/** The argument that is an index or a size, and no number of the machine's. */
function positionOf(op: OpName): number | undefined {
  if (op === "ref" || op === "update") return 1;
  return op === "zeros" || op === "ones" || op === "eye" ? 0 : undefined;
}

const longestComment = 44;

/** The text of a span on one line, for a comment. */
function commentOf(source: Source, span: Span): string {
  // Of a long text, such as a sum's whose every term has a comment, the beginning is enough.
  const end = Math.min(span.end, span.start + 10 * longestComment);
  const text = source.text.slice(span.start, end).replace(/\s+/g, " ").trim();
  if (end === span.end && text.length <= longestComment) return text;
  return `${text.slice(0, longestComment - 1).trimEnd()}…`;
}

/**
 * Lowers one function, or the program's body when `name` is undefined, to code over virtual registers.
 *
 * @throws SourceError for what the machine has no instruction for.
 */
export function lowerToVirtualCode(context: LoweringContext, name: string | undefined): VirtualFunction {
  return new Lowering(context, name).lower();
}

class Lowering {
  private readonly builder: VirtualCodeBuilder;
  private readonly convention: CallingConvention;
  private readonly loops = new Map<string, LoopHeader>();
  private readonly label: string;
  private readonly pending = new PendingCode();
  private returnAddress: VirtualRegister | undefined;
  /** Of the function whose body is at hand: this one, or one that stands in the place of its call. */
  private variables: Variables;

  constructor(
    private readonly context: LoweringContext,
    private readonly name: string | undefined,
  ) {
    this.label = context.names.ofFunction(name);
    this.builder = new VirtualCodeBuilder(this.label, context.names);
    this.convention = new CallingConvention(this.builder, context.passing);
    this.variables = this.variablesOf(name);
  }

  lower(): VirtualFunction {
    const { program } = this.context;
    const f = this.name === undefined ? undefined : program.functions.get(this.name);
    const parameters = f === undefined ? this.inputs() : this.parameters(f.parameters);
    this.pending.within(this.variables, () => this.block(f?.body ?? program.body, { kind: "return" }));
    this.builder.end();
    const { code, next } = this.builder;
    return { name: this.name, label: this.label, parameters, code, next };
  }

  /** Takes the inputs: numbers are in registers, arrays in memory. */
  private inputs(): number {
    const moves: Move[] = [];
    for (const name of this.context.program.inputs) {
      const address = this.context.inputs.get(name);
      const shape = this.variables.shapeOf(name);
      if (address !== undefined) this.variables.set(name, arrayAt(shape, { size: sizeOf(shape), address }));
      else moves.push({ to: this.variables.register(name), from: inRegister(moves.length) });
    }
    this.builder.comment = "operands";
    this.builder.moves(moves);
    return moves.length;
  }

  private parameters(names: readonly string[]): number {
    const { inRegisters, returnAddress } = this.convention.take(names.map((name) => this.variables.storage(name)));
    this.returnAddress = returnAddress;
    return inRegisters;
  }

  private shapesOf(name: string | undefined): FunctionShapes {
    const shapes = this.context.shapes.get(name);
    if (shapes === undefined) throw new Error(`the shapes of ${name ?? "the program"} are not known`);
    return shapes;
  }

  private variablesOf(name: string | undefined): Variables {
    return new Variables(this.builder, this.shapesOf(name), this.convention.transfer);
  }

  /** Sets what the next instructions are for. */
  private at(span: Span): void {
    this.builder.comment = commentOf(this.context.program.source, span);
  }

  private fail(what: string, span: Span): never {
    throw new SourceError(what, this.context.program.source, span);
  }

  private refuse(op: string, span: Span): never {
    this.fail(`"${op}" has no instruction on the machine; the exact path (compile) runs it`, span);
  }

  private value(atom: Atom): MachineValue {
    if (atom.kind === "constant") return this.constant(atom.value, atom.span);
    return this.variables.get(atom.name) ?? this.fail(`"${atom.name}" has no value here`, atom.span);
  }

  private constant(number: number, span: Span): VirtualOperand {
    const constant = this.context.arithmetic.constant(number);
    return typeof constant === "number" ? constantOf(constant) : this.fail(constant.fault, span);
  }

  /** The value of an atom that is a number. */
  private operand(atom: Atom): VirtualOperand {
    const value = this.value(atom);
    return isArray(value) ? this.fail("a number is needed here", atom.span) : value;
  }

  /** The value of an index or of a size; of a constant, its whole number. */
  private position(atom: Atom): MachineValue {
    if (atom.kind === "constant") return constantOf(atom.value);
    const value = this.value(atom);
    return isArray(value) || value.kind !== "constant" ? value : constantOf(this.context.arithmetic.whole(value.value));
  }

  private values(atoms: readonly Atom[]): MachineValue[] {
    return atoms.map((atom) => this.value(atom));
  }

  private block(block: Block, destination: Destination): void {
    const { tail } = block;
    this.pending.block(
      scheduled(block),
      tail,
      ({ name, value }) => this.bind(name, value),
      () => this.tail(tail, destination),
    );
  }

  private bind(name: string, value: Computation): void {
    const { builder } = this;
    const { span } = value;
    switch (value.kind) {
      case "primitive": {
        const position = positionOf(value.op);
        const args = value.args.map((arg, i) => (i === position ? this.position(arg) : this.value(arg)));
        this.at(span);
        if (isScalarOp(value.op) && !args.some(isArray)) {
          const lowering = this.context.arithmetic.lowering(value.op) ?? this.refuse(value.op, span);
          const operands = args.flatMap((arg) => (isArray(arg) ? [] : [arg]));
          lowering(builder, operands, this.variables.register(name));
        } else this.variables.define(name, this.arrayOperation(value.op, args, span));
        break;
      }
      case "call": {
        const args = this.values(value.args);
        if (this.context.graph.isInlined(value.callee)) {
          const storage = this.variables.joined(name);
          const join = builder.fresh("join");
          this.inline(value.callee, args, { kind: "bind", storage, join });
          builder.mark(join);
        } else this.variables.define(name, this.call(value.callee, args, span));
        break;
      }
      case "derivative":
        this.fail('"derivative" has no instruction on the machine; the exact path (compile) runs it', span);
        break;
      case "if":
      case "loop": {
        const storage = this.variables.joined(name);
        const join = builder.fresh("join");
        this.tail(value, { kind: "bind", storage, join });
        builder.mark(join);
      }
    }
  }

  private arrayOperation(op: OpName, args: readonly MachineValue[], span: Span): MachineValue {
    const shape = specOf(op).shape(
      args.map((arg) => (isArray(arg) ? arg.shape : [])),
      args.map((arg) => (!isArray(arg) && arg.kind === "constant" ? arg.value : undefined)),
    );
    if (typeof shape === "string") this.fail(`"${op}": ${shape}`, span);
    const emitter = arrayEmitter(this.builder, this.context.arithmetic, {
      constant: (number) => this.constant(number, span),
      refuse: () => this.refuse(op, span),
      checkedIndices: this.context.checkedIndices,
      isRead: (location) => this.pending.reads(location),
    });
    return isScalarOp(op) ? elementwise(emitter, op, args, shape) : arrayLowerings[op](emitter, args, shape);
  }

  private tail(tail: Tail, destination: Destination): void {
    const { builder } = this;
    switch (tail.kind) {
      case "return":
        this.finish(this.value(tail.value), destination, tail.span);
        break;
      case "recur": {
        const loop = this.loops.get(tail.label);
        if (loop === undefined) this.fail(`no loop "${tail.label}" around this recur`, tail.span);
        const args = this.values(tail.args);
        this.at(tail.span);
        assign(
          this.builder,
          loop.variables.map((to, i) => ({ to, from: args[i] })),
        );
        builder.jump(loop.label);
        break;
      }
      case "call":
        this.tailCall(tail.callee, this.values(tail.args), destination, tail.span);
        break;
      case "if":
        this.branch(tail, destination);
        break;
      case "loop": {
        const label = builder.fresh(tail.label.replace(/^%/, ""));
        const initial = this.values(tail.initial);
        this.pending.loop(tail.variables, tail.body, () => {
          const variables = this.loopVariables(tail.variables, initial);
          builder.comment = `${tail.variables.map((variable) => variable.replace(/^%/, "")).join(", ")} at first`;
          assign(
            this.builder,
            variables.map((to, i) => ({ to, from: initial[i] })),
          );
          this.loops.set(tail.label, { label, variables });
          builder.mark(label);
          this.block(tail.body, destination);
        });
      }
    }
  }

  /** Room for a loop's variables. An array that is not needed otherwise stays where it is. */
  private loopVariables(names: readonly string[], initial: readonly MachineValue[]): Storage[] {
    const taken = new Set<Location>();
    return names.map((name, i) => {
      const isRead = (location: Location) => taken.has(location) || this.pending.reads(location);
      const room = this.variables.roomWhere(name, initial[i], isRead);
      if (room !== undefined) taken.add(room.location);
      return room ?? this.variables.joined(name);
    });
  }

  private finish(value: MachineValue, destination: Destination, span: Span): void {
    const { builder } = this;
    if (destination.kind === "bind") {
      this.at(span);
      assign(this.builder, [{ to: destination.storage, from: value }]);
      builder.jump(destination.join);
      return;
    }
    builder.comment = `result ${commentOf(this.context.program.source, span)}`;
    const address = this.returnAddress;
    const result = isArray(value) ? this.convention.giveArray(value) : value;
    // Whoever calls a function knows where an array is; of a program's result, r0 says so.
    const inRegister0 = !isArray(value) || address === undefined;
    if (inRegister0) builder.moves([{ to: 0, from: result }]);
    builder.code.push({ kind: "return", ...(address === undefined ? {} : { address }), result: inRegister0 });
  }

  private branch({ test, consequent, alternative }: Extract<Tail, { kind: "if" }>, destination: Destination): void {
    const { builder } = this;
    const { arithmetic } = this.context;
    const condition = this.operand(test);
    const known = condition.kind === "constant" ? arithmetic.isTrue(condition.value) : undefined;
    if (known !== undefined) {
      this.block(known ? consequent : alternative, destination);
      return;
    }
    this.at(test.span);
    let decider = arithmetic.falsehood(builder, builder.register(condition));
    if (decider === undefined) {
      this.block(consequent, destination);
      return;
    }
    // Where a `not` is tested, what it is of is, for the other arm; the `not` itself then is often dead.
    const negated = ({ register, is }: Test) => (is === 0 ? builder.negatedBy(register) : undefined);
    let toElse = true;
    for (let of = negated(decider); of !== undefined; of = negated(decider)) {
      decider = { register: of, is: 0 };
      toElse = !toElse;
    }
    if (decider.is === 0 && builder.isFlag(decider.register)) {
      decider = { register: decider.register, is: 1 };
      toElse = !toElse;
    }
    const label = builder.fresh(toElse ? "else" : "then");
    builder.jump(label, decider, toElse ? "unless" : "if");
    this.block(toElse ? consequent : alternative, destination);
    builder.mark(label);
    this.block(toElse ? alternative : consequent, destination);
  }

  private call(callee: string, args: readonly MachineValue[], span: Span): MachineValue {
    const { builder, convention } = this;
    this.at(span);
    const passed = convention.pass(args);
    const result = builder.temporary();
    const label = this.context.names.ofFunction(callee);
    builder.code.push({ kind: "call", callee, label, args: passed, result, comment: builder.comment });
    return convention.received(this.shapesOf(callee).result, result);
  }

  /** Puts a function with a single call in its place; false when it has more. */
  private inline(callee: string, args: readonly MachineValue[], destination: Destination): boolean {
    const { graph, program } = this.context;
    const f = graph.isInlined(callee) ? program.functions.get(callee) : undefined;
    if (f === undefined) return false;
    const { variables } = this;
    this.variables = this.variablesOf(callee);
    f.parameters.forEach((parameter, i) => {
      this.variables.define(parameter, args[i]);
    });
    this.pending.within(this.variables, () => this.block(f.body, destination));
    this.variables = variables;
    return true;
  }

  private tailCall(callee: string, args: readonly MachineValue[], destination: Destination, span: Span): void {
    if (this.inline(callee, args, destination)) return;
    if (destination.kind === "bind" || this.returnAddress === undefined) {
      this.finish(this.call(callee, args, span), destination, span);
      return;
    }
    this.at(span);
    const { comment, code } = this.builder;
    const label = this.context.names.ofFunction(callee);
    const address = inRegister(this.returnAddress);
    code.push({ kind: "tailCall", callee, label, args: this.convention.pass(args), address, comment });
  }
}
