/** The language that the soft machine's kernels are written in: loops over arrays of vectors, and arithmetic on them. */
import {
  elementaryInline,
  type FunctionBuilder,
  type FunctionReference,
  type Label,
  type LaneType,
  type Local,
  ModuleBuilder,
  type ValueType,
} from "../../kernel/index.js";
import { type ContextField, contextFields, entryWeight, vectorBytes } from "./context.js";

/** Emits code that leaves one value on the stack; used twice, it is computed twice. */
export type Value = () => void;
/** An i32; a number is a constant. */
export type Integer = Local | Value | number;
/** A vector. */
export type Vector = Local | Value;
/** A pointer that a loop moves on by a vector, or by so many bytes. */
export type Pointer = Local | readonly [Local, Integer];

/** A module of kernels whose vectors are of one lane type. */
export class KernelModule {
  readonly builder: ModuleBuilder;

  /** @param shared whether threads share the memory that the kernels work in. */
  constructor(
    readonly type: LaneType,
    shared = false,
  ) {
    this.builder = new ModuleBuilder().importMemory("env", "memory", { shared });
  }

  /** A kernel; its first parameter is the context's address where it needs the context. */
  define(
    name: string,
    parameters: readonly ValueType[],
    write: (k: Emitter, ...parameters: Local[]) => void,
    results: readonly ValueType[] = [],
  ): FunctionReference {
    return this.builder.function(name, parameters, results, (code) => {
      write(new Emitter(this.builder, code, this.type), ...code.parameters);
    });
  }
}

export class Emitter {
  constructor(
    readonly module: ModuleBuilder,
    readonly code: FunctionBuilder,
    readonly type: LaneType,
  ) {}

  // Integers.

  /** A new i32 variable. */
  int(value?: Integer): Local {
    const local = this.code.local("i32");
    if (value !== undefined) this.set(local, value);
    return local;
  }

  set(local: Local, value: Integer | Vector): this {
    this.#push(value);
    this.code.set(local);
    return this;
  }

  plus = (a: Integer, b: Integer): Value => this.#apply("i32.add", a, b);
  minus = (a: Integer, b: Integer): Value => this.#apply("i32.sub", a, b);
  times = (a: Integer, b: Integer): Value => this.#apply("i32.mul", a, b);
  quotient = (a: Integer, b: Integer): Value => this.#apply("i32.div_u", a, b);
  remainder = (a: Integer, b: Integer): Value => this.#apply("i32.rem_u", a, b);
  shiftLeft = (a: Integer, bits: number): Value => this.#apply("i32.shl", a, bits);
  shiftRight = (a: Integer, bits: Integer): Value => this.#apply("i32.shr_u", a, bits);
  less = (a: Integer, b: Integer): Value => this.#apply("i32.lt_s", a, b);
  equal = (a: Integer, b: Integer): Value => this.#apply("i32.eq", a, b);
  differ = (a: Integer, b: Integer): Value => this.#apply("i32.ne", a, b);
  both = (a: Integer, b: Integer): Value => this.#apply("i32.and", a, b);
  either = (a: Integer, b: Integer): Value => this.#apply("i32.or", a, b);
  not = (a: Integer): Value => this.#apply("i32.eqz", a);
  smaller(a: Local, b: Local): Value {
    return () => this.code.get(a).get(b).get(a).get(b).emit("i32.lt_s").select();
  }

  /** The bytes of so many vectors. */
  bytes = (count: Integer): Value => this.shiftLeft(count, 4);
  /** The address of a vector of an array. */
  at = (array: Integer, index: Integer): Value => this.plus(array, this.bytes(index));

  advance(pointer: Local, bytes: Integer = vectorBytes): this {
    return this.set(pointer, this.plus(pointer, bytes));
  }

  loadInt(address: Integer, offset = 0): Value {
    return () => {
      this.#push(address);
      this.code.emit("i32.load", { offset });
    };
  }

  loadShort(address: Integer, offset = 0): Value {
    return () => {
      this.#push(address);
      this.code.emit("i32.load16_u", { offset });
    };
  }

  storeInt(address: Integer, value: Integer, offset = 0): this {
    this.#push(address);
    this.#push(value);
    this.code.emit("i32.store", { offset });
    return this;
  }

  /** Fields of the context, each read once, here. */
  fields<F extends ContextField>(context: Local, ...names: readonly F[]): Record<F, Local> {
    const entries = names.map((name) => [name, this.int(this.field(context, name))] as const);
    return Object.fromEntries(entries) as Record<F, Local>;
  }

  field(context: Local, name: ContextField): Value {
    return this.loadInt(context, 4 * contextFields.indexOf(name));
  }

  setField(context: Local, name: ContextField, value: Integer): this {
    return this.storeInt(context, value, 4 * contextFields.indexOf(name));
  }

  // Vectors.

  /** A new vector variable. */
  vector(value?: Vector): Local {
    const local = this.code.local("v128");
    if (value !== undefined) this.set(local, value);
    return local;
  }

  readonly zero: Value = () => this.code.emit("v128.const", new Uint8Array(vectorBytes));
  readonly one: Value = () => {
    if (this.type === "f32x4") this.code.emit("f32.const", 1).emit("f32x4.splat");
    else this.code.emit("f64.const", 1).emit("f64x2.splat");
  };

  add = (a: Vector, b: Vector): Value => this.#apply(`${this.type}.add`, a, b);
  sub = (a: Vector, b: Vector): Value => this.#apply(`${this.type}.sub`, a, b);
  mul = (a: Vector, b: Vector): Value => this.#apply(`${this.type}.mul`, a, b);
  div = (a: Vector, b: Vector): Value => this.#apply(`${this.type}.div`, a, b);
  max = (a: Vector, b: Vector): Value => this.#apply(`${this.type}.pmax`, a, b);
  ne = (a: Vector, b: Vector): Value => this.#apply(`${this.type}.ne`, a, b);
  /** The bits that both have. */
  and = (a: Vector, b: Vector): Value => this.#apply("v128.and", a, b);
  or = (a: Vector, b: Vector): Value => this.#apply("v128.or", a, b);
  /** The first where the mask's bits are set, else the second. */
  choose = (mask: Vector, a: Vector, b: Vector): Value => this.#apply("v128.bitselect", a, b, mask);

  exp(value: Vector): Value {
    return () => {
      const kept = this.vector(value);
      elementaryInline(this.module, this.code, "exp", this.type, [kept]);
    };
  }

  load(address: Integer, offset = 0): Value {
    return () => {
      this.#push(address);
      this.code.emit("v128.load", { offset, align: 4 });
    };
  }

  /** The weight of a sparse row's entry, in all lanes. */
  loadWeight(entry: Integer): Value {
    return () => {
      this.#push(entry);
      this.code.emit(this.type === "f32x4" ? "v128.load32_splat" : "v128.load64_splat", { offset: entryWeight });
    };
  }

  store(address: Integer, value: Vector, offset = 0): this {
    this.#push(address);
    this.#push(value);
    this.code.emit("v128.store", { offset, align: 4 });
    return this;
  }

  /** Adds to a vector in memory. */
  accumulate(address: Local, value: Vector, offset = 0): this {
    return this.store(address, this.add(this.load(address, offset), value), offset);
  }

  /** Adds to a vector variable. */
  addTo(local: Local, value: Vector): this {
    return this.set(local, this.add(local, value));
  }

  /** Whether any lane is not 0. */
  any = (value: Vector): Value => this.#apply("v128.any_true", value);

  // Control.

  when(condition: Integer, then: () => void, otherwise?: () => void): this {
    this.#push(condition);
    this.code.if(then, otherwise);
    return this;
  }

  /** Runs the body, again as long as it branches to the label. */
  loop(body: (again: Label) => void): this {
    this.code.loop(body);
    return this;
  }

  /** Branches if the condition is not 0. */
  againIf(label: Label, condition: Integer): this {
    this.#push(condition);
    this.code.branchIf(label);
    return this;
  }

  call(callee: FunctionReference, ...operands: readonly (Integer | Vector)[]): this {
    for (const operand of operands) this.#push(operand);
    this.code.call(callee);
    return this;
  }

  result(callee: FunctionReference, ...operands: readonly Integer[]): Value {
    return () => this.call(callee, ...operands);
  }

  give(value: Integer): this {
    this.#push(value);
    return this;
  }

  /**
   * Runs the body `count` times and moves the pointers on after each time. It is given the offset in bytes at which it
   * finds the vectors that are its own, since several times are run between moves.
   */
  each(
    count: Integer,
    pointers: readonly Pointer[],
    body: (offset: number, time: number) => void,
    unroll: 1 | 2 | 4 = 4,
  ): this {
    const left = this.int(count);
    if (unroll > 1) this.repeat(left, unroll, pointers, body);
    return this.repeat(left, 1, pointers, body);
  }

  /** While at least `times` are left of a count: runs the body so many times, then moves the pointers on. */
  repeat(left: Local, times: number, pointers: readonly Pointer[], body: (offset: number, time: number) => void): this {
    const enough = this.#apply("i32.ge_s", left, times);
    return this.when(enough, () => {
      this.loop((again) => {
        for (let time = 0; time < times; time++) body(time * vectorBytes, time);
        for (const pointer of pointers) {
          if ("index" in pointer) this.advance(pointer, times * vectorBytes);
          else this.advance(pointer[0], pointer[1]);
        }
        this.advance(left, -times);
        this.againIf(again, enough);
      });
    });
  }

  /** Runs the body for each i32 in a list of `count`. */
  eachOf(list: Integer, count: Integer, body: (item: Local) => void): this {
    const at = this.int(list);
    const item = this.int();
    return this.each(
      count,
      [[at, 4]],
      () => {
        this.set(item, this.loadInt(at));
        body(item);
      },
      1,
    );
  }

  /** Zeros an array of vectors. */
  clear(array: Integer, count: Integer): this {
    const to = this.int(array);
    return this.each(count, [to], (offset) => this.store(to, this.zero, offset));
  }

  copy(from: Integer, to: Integer, count: Integer): this {
    this.#push(to);
    this.#push(from);
    this.#push(this.bytes(count));
    this.code.emit("memory.copy");
    return this;
  }

  /** The sum of products of two arrays: in several sums at once, since each waits for the last. */
  dot(x: Integer, y: Integer, count: Integer): Local {
    const [px, py] = [this.int(x), this.int(y)];
    const sums = this.sums(4);
    this.each(count, [px, py], (offset, time) => {
      this.addTo(sums[time], this.mul(this.load(px, offset), this.load(py, offset)));
    });
    return this.vector(this.total(sums));
  }

  sums(count: number): Local[] {
    return Array.from({ length: count }, () => this.vector(this.zero));
  }

  total(sums: readonly Vector[]): Vector {
    if (sums.length === 1) return sums[0];
    const half = sums.length >> 1;
    return this.add(this.total(sums.slice(0, half)), this.total(sums.slice(half)));
  }

  #push(value: Integer | Vector): void {
    if (typeof value === "number") this.code.emit("i32.const", value);
    else if (typeof value === "function") value();
    else this.code.get(value);
  }

  #apply(mnemonic: Parameters<FunctionBuilder["emit"]>[0], ...operands: readonly (Integer | Vector)[]): Value {
    return () => {
      for (const operand of operands) this.#push(operand);
      this.#emit(mnemonic);
    };
  }

  #emit(mnemonic: Parameters<FunctionBuilder["emit"]>[0]): void {
    this.code.emit(mnemonic);
  }
}
