import {
  type AnfProgram,
  type Atom,
  type Block,
  type Computation,
  isScalarOp,
  type OpName,
  type Shape,
  type Source,
  SourceError,
  type Span,
  specOf,
  type Tail,
} from "../scheme/index.js";
import type { CallGraph } from "./call-graph.js";
import { arrayAt, arrayLowerings, arrayOf, elementwise, isArray, type MachineValue } from "./machine-arrays.js";
import { PendingCode } from "./pending.js";
import type { Arithmetic } from "./primitive-lowering.js";
import { scheduled } from "./schedule.js";
import { type FunctionShapes, sizeOf } from "./shape-inference.js";
import { arrayEmitter, assign, cellsOf, fill, registerIn, roomFor, roomOf, type Storage, valueIn } from "./storage.js";
import type { SymbolNames } from "./symbol-names.js";
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
  /** The first address of each input that is an array. */
  readonly inputs: ReadonlyMap<string, number>;
  readonly passing: Passing;
}

/** How numbers come to functions and from them, beside r0 for a result that is a number. */
export interface Passing {
  /** The most arguments that are passed in registers. */
  readonly registers: number;
  /** The address where the other arguments are passed, and results that are arrays. */
  readonly address: number;
  /** The most cells that any of these takes; grows as functions are lowered. */
  cells: number;
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
export function lowerToVirtualCode(context: LoweringContext, name: string | undefined): VirtualFunction {
  return new Lowering(context, name).lower();
}

class Lowering {
  private readonly builder: VirtualCodeBuilder;
  private variables = new Map<string, MachineValue>();
  private readonly loops = new Map<string, LoopHeader>();
  private readonly label: string;
  private readonly transfer: Location;
  private readonly pending = new PendingCode();
  private returnAddress: VirtualRegister | undefined;
  /** Of the function whose body is at hand: this one, or one that stands in the place of its call. */
  private shapes: FunctionShapes;

  constructor(
    private readonly context: LoweringContext,
    private readonly name: string | undefined,
  ) {
    this.label = context.names.ofFunction(name);
    this.builder = new VirtualCodeBuilder(this.label, context.names);
    this.transfer = { size: 0, address: context.passing.address };
    this.shapes = this.shapesOf(name);
  }

  lower(): VirtualFunction {
    const { program } = this.context;
    const f = this.name === undefined ? undefined : program.functions.get(this.name);
    const parameters = f === undefined ? this.inputs() : this.parameters(f.parameters);
    this.pending.within(this.variables, () => this.block(f?.body ?? program.body, { kind: "return" }));
    const { code, next } = this.builder;
    return { name: this.name, label: this.label, parameters, code, next };
  }

  /** Takes the inputs: numbers are in registers, arrays in memory. */
  private inputs(): number {
    const moves: Move[] = [];
    for (const name of this.context.program.inputs) {
      const address = this.context.inputs.get(name);
      const shape = this.shapeOf(name);
      if (address !== undefined) this.variables.set(name, arrayAt(shape, { size: sizeOf(shape), address }));
      else moves.push({ to: this.variable(name), from: inRegister(moves.length) });
    }
    this.builder.comment = "operands";
    this.builder.moves(moves);
    return moves.length;
  }

  /** Takes a function's arguments: the first in registers, with the return address behind them, the others from memory. */
  private parameters(names: readonly string[]): number {
    const { builder, transfer } = this;
    const storages = names.map((name) => this.storage(name, this.shapeOf(name)));
    const count = storages.reduce((sum, storage) => sum + cellsOf(storage), 0);
    const inRegisters = Math.min(count, this.context.passing.registers);
    this.needCells(count - inRegisters);
    const incoming = Array.from(
      { length: count },
      (_, i): VirtualOperand =>
        i < inRegisters ? inRegister(i) : { kind: "cell", location: transfer, offset: i - inRegisters },
    );
    const moves: Move[] = [];
    const stores: (() => void)[] = [];
    for (const storage of storages) {
      const elements = incoming.splice(0, cellsOf(storage));
      elements.forEach((from, i) => {
        const machine = from.kind === "register";
        if (storage.kind !== "memory" && machine) moves.push({ to: registerIn(storage, i), from });
        else if (storage.kind !== "memory") stores.push(() => builder.moves([{ to: registerIn(storage, i), from }]));
        else if (machine) {
          const to = builder.temporary();
          moves.push({ to, from });
          stores.push(() => builder.store(storage.location, i, inRegister(to)));
        } else stores.push(() => builder.store(storage.location, i, from));
      });
    }
    this.returnAddress = builder.temporary();
    moves.push({ to: this.returnAddress, from: inRegister(inRegisters) });
    builder.comment = "operands";
    builder.moves(moves);
    for (const storage of storages) if (storage.kind === "memory") builder.begin(storage.location);
    for (const store of stores) store();
    return inRegisters;
  }

  private needCells(count: number): void {
    this.context.passing.cells = Math.max(this.context.passing.cells, count);
  }

  private shapesOf(name: string | undefined): FunctionShapes {
    const shapes = this.context.shapes.get(name);
    if (shapes === undefined) throw new Error(`the shapes of ${name ?? "the program"} are not known`);
    return shapes;
  }

  private shapeOf(name: string): Shape {
    return this.shapes.arrays.get(name) ?? [];
  }

  /** Room for a variable's value, and the variable in it. */
  private storage(name: string, shape: Shape): Storage {
    const storage = roomFor(this.builder, shape, this.shapes.indexed.has(name));
    this.variables.set(name, valueIn(storage));
    return storage;
  }

  /** Room for a value that several paths may give. */
  private joined(name: string): Storage {
    const storage = this.storage(name, this.shapeOf(name));
    if (storage.kind === "memory") this.builder.begin(storage.location);
    return storage;
  }

  private variable(name: string): VirtualRegister {
    const register = this.builder.temporary();
    this.variables.set(name, inRegister(register));
    return register;
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
        const args = this.values(value.args);
        this.at(span);
        if (isScalarOp(value.op) && !args.some(isArray)) {
          const lowering = this.context.arithmetic.lowering(value.op) ?? this.refuse(value.op, span);
          const operands = args.flatMap((arg) => (isArray(arg) ? [] : [arg]));
          lowering(builder, operands, this.variable(name));
        } else this.define(name, this.arrayOperation(value.op, args, span));
        break;
      }
      case "call": {
        const args = this.values(value.args);
        if (this.context.graph.isInlined(value.callee)) {
          const storage = this.joined(name);
          const join = builder.fresh("join");
          this.inline(value.callee, args, { kind: "bind", storage, join });
          builder.mark(join);
        } else this.define(name, this.call(value.callee, args, span));
        break;
      }
      case "derivative":
        this.fail('"derivative" has no instruction on the machine; the exact path (compile) runs it', span);
        break;
      case "if":
      case "loop": {
        const storage = this.joined(name);
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
      isRead: (location) => this.pending.reads(location),
    });
    return isScalarOp(op) ? elementwise(emitter, op, args, shape) : arrayLowerings[op](emitter, args, shape);
  }

  /** Gives a name to a value. An array's elements are computed here, once, and kept where the name's uses need them. */
  private define(name: string, value: MachineValue): void {
    if (!isArray(value)) {
      // A cell may change before it is read.
      const at = value.kind === "cell" ? inRegister(this.builder.register(value)) : value;
      this.variables.set(name, at);
      return;
    }
    const storage = roomFor(this.builder, value.shape, this.shapes.indexed.has(name));
    // A part of an array that lies in memory needs no copy: arrays do not change.
    if (value.memory !== undefined && value.memory.location !== this.transfer) this.variables.set(name, value);
    else if (storage.kind === "memory") {
      fill(this.builder, storage.location, value);
      this.variables.set(name, valueIn(storage));
    } else {
      const elements = Array.from({ length: sizeOf(value.shape) }, (_, i) => {
        const element = value.at(i);
        return element.kind === "cell" ? inRegister(this.builder.register(element)) : element;
      });
      this.variables.set(name, arrayOf(value.shape, elements));
    }
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
      const room = roomOf(initial[i], this.shapes.indexed.has(name), isRead);
      if (room === undefined) return this.joined(name);
      taken.add(room.location);
      this.variables.set(name, valueIn(room));
      return room;
    });
  }

  private finish(value: MachineValue, destination: Destination, span: Span): void {
    const { builder, transfer } = this;
    if (destination.kind === "bind") {
      this.at(span);
      assign(this.builder, [{ to: destination.storage, from: value }]);
      builder.jump(destination.join);
      return;
    }
    builder.comment = `result ${commentOf(this.context.program.source, span)}`;
    const address = this.returnAddress;
    let result = value;
    if (isArray(value)) {
      const size = sizeOf(value.shape);
      this.needCells(size);
      for (let i = 0; i < size && value.memory?.location !== transfer; i++) builder.store(transfer, i, value.at(i));
      result = constantOf(this.context.passing.address);
    }
    // Whoever calls a function knows where an array is; of a program's result, r0 says so.
    const inRegister0 = !isArray(value) || address === undefined;
    if (inRegister0 && !isArray(result)) builder.moves([{ to: 0, from: result }]);
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
    // Only a flag that is exactly 1 jumps, so of a value that may be anything a flag is made that it is false, and the
    // other arm jumped to.
    const value = builder.register(condition);
    const opposite = builder.oppositeOf(value);
    let flag = opposite ?? value;
    let inverted = opposite !== undefined;
    if (!builder.isFlag(flag)) {
      flag = arithmetic.isFalse(builder, value);
      inverted = true;
    }
    const label = builder.fresh(inverted ? "else" : "then");
    builder.jump(label, flag);
    this.block(inverted ? consequent : alternative, destination);
    builder.mark(label);
    this.block(inverted ? alternative : consequent, destination);
  }

  /** The arguments as numbers, those that are passed in registers; the others are put where they are passed. */
  private pass(args: readonly MachineValue[]): VirtualOperand[] {
    const { builder, transfer } = this;
    const operands = args.flatMap((arg) =>
      isArray(arg) ? Array.from({ length: sizeOf(arg.shape) }, (_, i) => arg.at(i)) : [arg],
    );
    const others = operands.splice(this.context.passing.registers);
    this.needCells(others.length);
    others.forEach((operand, i) => {
      builder.store(transfer, i, operand);
    });
    return operands;
  }

  private call(callee: string, args: readonly MachineValue[], span: Span): MachineValue {
    const { builder, transfer } = this;
    this.at(span);
    const passed = this.pass(args);
    const result = builder.temporary();
    const label = this.context.names.ofFunction(callee);
    builder.code.push({ kind: "call", callee, label, args: passed, result, comment: builder.comment });
    const shape = this.shapesOf(callee).result;
    return shape.length === 0 ? inRegister(result) : arrayAt(shape, transfer);
  }

  /** Puts a function with a single call in its place; false when it has more. */
  private inline(callee: string, args: readonly MachineValue[], destination: Destination): boolean {
    const { graph, program } = this.context;
    const f = graph.isInlined(callee) ? program.functions.get(callee) : undefined;
    if (f === undefined) return false;
    const [variables, shapes] = [this.variables, this.shapes];
    this.variables = new Map();
    this.shapes = this.shapesOf(callee);
    f.parameters.forEach((parameter, i) => {
      this.define(parameter, args[i]);
    });
    this.pending.within(this.variables, () => this.block(f.body, destination));
    [this.variables, this.shapes] = [variables, shapes];
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
    code.push({ kind: "tailCall", callee, label, args: this.pass(args), address, comment });
  }
}
