/**
 * The body of one function, emitted instruction by instruction and type-checked as it grows, by the algorithm of
 * "WebAssembly Core Specification" 2.0 (2022), appendix "Validation Algorithm": a fault is reported where the emitter
 * made it, by name, rather than by the engine at a byte offset.
 */
import { SoftmachineError, suggestion } from "../scheme/index.js";
import { appendAll, writeUnsigned } from "./binary.js";
import { writeImmediate } from "./immediates.js";
import {
  type ImmediatesOf,
  type Instruction,
  instructions,
  type Mnemonic,
  mnemonics,
  type StructuralName,
  structural,
  type ValueType,
} from "./instructions.js";

export interface FunctionType {
  readonly parameters: readonly ValueType[];
  readonly results: readonly ValueType[];
}

/** A function that can be called: an imported one, or one of the module's own. */
export interface FunctionReference extends FunctionType {
  readonly name: string;
  /** Its place in the module's function index space. */
  readonly index: number;
}

/** A constant that a module holds once, for all of its functions. */
export interface Global {
  readonly index: number;
  readonly type: ValueType;
}

/** A parameter or a local variable of one function. */
export interface Local {
  readonly index: number;
  readonly type: ValueType;
}

/** Where a branch goes: to the end of a block or an if, or back to the start of a loop. */
export interface Label {
  readonly kind: "block" | "loop" | "if";
}

/** Bytes that stand for the value types in the binary format. */
export const typeCodes: Readonly<Record<ValueType, number>> = {
  i32: 0x7f,
  i64: 0x7e,
  f32: 0x7d,
  f64: 0x7c,
  v128: 0x7b,
};

/** Stands for the type of a block that leaves nothing. */
export const noResult = 0x40;

interface Frame {
  /** Absent in the function's own frame, to which `return` goes. */
  label: Label | undefined;
  /** What a branch to this frame's label carries. */
  branchTypes: readonly ValueType[];
  results: readonly ValueType[];
  /** The operand stack's height when the frame was entered. */
  height: number;
  /** After a branch, a return or a trap: whatever is taken off the stack is there. */
  unreachable: boolean;
}

export class FunctionBuilder {
  readonly parameters: readonly Local[];
  /** What locals are called in the module's name section, by index. */
  readonly localNames = new Map<number, string>();
  /** Whether anything emitted needs the module to have a memory. */
  usesMemory = false;
  readonly #reference: FunctionReference;
  readonly #locals: Local[];
  readonly #code: number[] = [];
  readonly #frames: Frame[];
  /** Types on the operand stack; undefined is one of any type, below a branch. */
  readonly #stack: (ValueType | undefined)[] = [];

  constructor(reference: FunctionReference) {
    this.#reference = reference;
    this.parameters = reference.parameters.map((type, index) => ({ index, type }));
    this.#locals = [...this.parameters];
    this.#frames = [frame(undefined, reference.results, reference.results, 0)];
  }

  /** A new local variable, 0 at first. */
  local(type: ValueType): Local {
    if (typeCodes[type] === undefined) this.#fail(`there is no type "${type}"`);
    const local = { index: this.#locals.length, type };
    this.#locals.push(local);
    return local;
  }

  /** Names a parameter or a local, for whoever reads the module; it changes nothing of what runs. */
  name(local: Local, name: string): this {
    this.#own(local, "name");
    this.localNames.set(local.index, name);
    return this;
  }

  /** One instruction of the table, with its immediates. @throws SoftmachineError if the operand stack does not suit it. */
  emit<M extends Mnemonic>(mnemonic: M, ...immediates: ImmediatesOf<M>): this {
    if (!Object.hasOwn(instructions, mnemonic)) {
      this.#fail(`there is no instruction "${mnemonic}"${suggestion(mnemonic, mnemonics)}`);
    }
    const instruction: Instruction = instructions[mnemonic];
    this.#take(instruction.operands, mnemonic);
    appendAll(this.#code, instruction.code);
    for (const result of instruction.results) this.#stack.push(result);
    if (instruction.immediate !== "none") {
      const fault = writeImmediate(this.#code, instruction, immediates[0]);
      if (fault !== undefined) this.#fail(`${mnemonic} ${fault}`);
    }
    if (instruction.immediate === "memory" || mnemonic.startsWith("memory.")) this.usesMemory = true;
    return this;
  }

  /** Pushes a local's value. */
  get(local: Local): this {
    this.#own(local, "get");
    this.#op("local.get", local.index);
    this.#stack.push(local.type);
    return this;
  }

  /** Pushes a global's value. */
  getGlobal(global: Global): this {
    this.#op("global.get", global.index);
    this.#stack.push(global.type);
    return this;
  }

  /** Pops into a local. */
  set(local: Local): this {
    this.#own(local, "set");
    this.#take([local.type], "set");
    return this.#op("local.set", local.index);
  }

  /** Copies the top of the stack into a local. */
  tee(local: Local): this {
    this.#own(local, "tee");
    this.#take([local.type], "tee");
    this.#op("local.tee", local.index);
    this.#stack.push(local.type);
    return this;
  }

  drop(): this {
    this.#pop("drop");
    return this.#op("drop");
  }

  /** Pops a condition, then two values of one numeric type; pushes the first if the condition is not 0, else the second. */
  select(): this {
    this.#take(["i32"], "select");
    const second = this.#pop("select");
    const first = this.#pop("select");
    if (first === "v128" || second === "v128")
      this.#fail("select chooses between numbers, not v128: use v128.bitselect");
    if (first !== undefined && second !== undefined && first !== second) {
      this.#fail(`select chooses between two values of one type, not ${first} and ${second}`);
    }
    this.#stack.push(first ?? second);
    return this.#op("select");
  }

  call(callee: FunctionReference): this {
    this.#take(callee.parameters, `call "${callee.name}"`);
    this.#op("call", callee.index);
    this.#stack.push(...callee.results);
    return this;
  }

  /** A block: a branch to its label goes past its end. */
  block(body: (label: Label) => void, result?: ValueType): this {
    return this.#nest("block", { kind: "block" }, body, result);
  }

  /** A loop: a branch to its label goes to its start; without one it runs once. */
  loop(body: (label: Label) => void, result?: ValueType): this {
    return this.#nest("loop", { kind: "loop" }, body, result);
  }

  /** Pops a condition and runs `then` if it is not 0, else `otherwise`. Both leave `result` when there is one. */
  if(then: (label: Label) => void, otherwise?: (label: Label) => void, result?: ValueType): this {
    if (result !== undefined && otherwise === undefined) this.#fail(`an if that leaves ${result} needs both branches`);
    this.#take(["i32"], "if");
    const label: Label = { kind: "if" };
    return this.#nest("if", label, then, result, otherwise);
  }

  branch(label: Label): this {
    const target = this.#target(label);
    this.#take(target.branchTypes, "branch");
    this.#op("br", this.#depth(target));
    return this.#leave();
  }

  /** Pops a condition and branches if it is not 0. */
  branchIf(label: Label): this {
    const target = this.#target(label);
    this.#take(["i32"], "branchIf");
    this.#take(target.branchTypes, "branchIf");
    this.#stack.push(...target.branchTypes);
    return this.#op("br_if", this.#depth(target));
  }

  return(): this {
    this.#take(this.#reference.results, "return");
    this.#op("return");
    return this.#leave();
  }

  unreachable(): this {
    this.#op("unreachable");
    return this.#leave();
  }

  /** The finished body: its locals, its code and the final end, without its length. */
  build(): number[] {
    this.#close("the function's end");
    const runs: { type: ValueType; count: number }[] = [];
    for (const { type } of this.#locals.slice(this.parameters.length)) {
      const last = runs.at(-1);
      if (last?.type === type) last.count++;
      else runs.push({ type, count: 1 });
    }
    const bytes: number[] = [];
    writeUnsigned(bytes, runs.length);
    for (const { type, count } of runs) {
      writeUnsigned(bytes, count);
      bytes.push(typeCodes[type]);
    }
    appendAll(bytes, this.#code);
    bytes.push(structural.end.code);
    return bytes;
  }

  #op(name: StructuralName, immediate?: number): this {
    this.#code.push(structural[name].code);
    if (immediate !== undefined) writeUnsigned(this.#code, immediate);
    return this;
  }

  #nest(
    name: "block" | "loop" | "if",
    label: Label,
    body: (label: Label) => void,
    result: ValueType | undefined,
    otherwise?: (label: Label) => void,
  ): this {
    const results = result === undefined ? [] : [result];
    this.#code.push(structural[name].code, result === undefined ? noResult : typeCodes[result]);
    const entered = frame(label, label.kind === "loop" ? [] : results, results, this.#stack.length);
    this.#frames.push(entered);
    body(label);
    this.#close(`the end of a ${label.kind}`);
    if (otherwise !== undefined) {
      this.#code.push(structural.else.code);
      this.#stack.length = entered.height;
      entered.unreachable = false;
      otherwise(label);
      this.#close("the end of an else");
    }
    this.#code.push(structural.end.code);
    this.#frames.pop();
    this.#stack.length = entered.height;
    this.#stack.push(...results);
    return this;
  }

  /** Checks that exactly the frame's results are left. */
  #close(where: string): void {
    const { results, height } = this.#top();
    this.#take(results, where);
    const extra = this.#stack.length - height;
    if (extra > 0) this.#fail(`${extra} more on the stack than ${where} leaves (${listed(results)})`);
  }

  #leave(): this {
    const top = this.#top();
    this.#stack.length = top.height;
    top.unreachable = true;
    return this;
  }

  /** Pops operands of the types given, the last on top. */
  #take(types: readonly ValueType[], by: string): void {
    for (let i = types.length - 1; i >= 0; i--) {
      const found = this.#pop(by, types);
      if (found !== undefined && found !== types[i]) {
        this.#fail(`${by} takes ${listed(types)} from the stack, but operand ${i + 1} is ${found}`);
      }
    }
  }

  #pop(by: string, types?: readonly ValueType[]): ValueType | undefined {
    const { height, unreachable } = this.#top();
    if (this.#stack.length > height) return this.#stack.pop();
    if (!unreachable) {
      const needs = types === undefined ? "a value" : listed(types);
      this.#fail(`${by} takes ${needs} from the stack, which holds too few`);
    }
    return undefined;
  }

  #top(): Frame {
    return this.#frames[this.#frames.length - 1];
  }

  #target(label: Label): Frame {
    const found = this.#frames.find((candidate) => candidate.label === label);
    if (found === undefined) throw this.#error(`a branch to a ${label.kind} that does not enclose it`);
    return found;
  }

  #depth(target: Frame): number {
    return this.#frames.length - 1 - this.#frames.indexOf(target);
  }

  #own(local: Local, by: string): void {
    if (this.#locals[local.index] !== local) this.#fail(`${by} names a local of another function`);
  }

  #error(what: string): SoftmachineError {
    return new SoftmachineError(`function "${this.#reference.name}": ${what}`);
  }

  #fail(what: string): void {
    throw this.#error(what);
  }
}

function frame(
  label: Label | undefined,
  branchTypes: readonly ValueType[],
  results: readonly ValueType[],
  height: number,
): Frame {
  return { label, branchTypes, results, height, unreachable: false };
}

function listed(types: readonly ValueType[]): string {
  return types.length === 0 ? "nothing" : types.join(" ");
}
