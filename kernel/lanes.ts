/** Arithmetic on the lanes of vectors, written as expressions: what an elementary function's formula looks like in code. */
import { writeFloat32, writeFloat64 } from "./binary.js";
import type { FunctionBuilder, Global, Local } from "./function-builder.js";
import type { Mnemonic, ValueType } from "./instructions.js";
import type { ModuleBuilder } from "./module-builder.js";

export type LaneType = "f64x2" | "f32x4";

/** Emits code that leaves one v128 on the stack; used twice, it is computed twice, unless it was kept. */
export type Value = () => void;

type NameAfter<Prefix extends string> = Mnemonic extends infer M
  ? M extends `${Prefix}.${infer Name}`
    ? Name
    : never
  : never;
type FloatOperation = NameAfter<"f64x2"> & NameAfter<"f32x4">;

/** The vector whose lanes all hold one number. */
export function splatBytes(type: LaneType, number: number): number[] {
  const bytes: number[] = [];
  for (let lane = 0; lane < (type === "f64x2" ? 2 : 4); lane++) {
    if (type === "f64x2") writeFloat64(bytes, number);
    else writeFloat32(bytes, number);
  }
  return bytes;
}

/** The constant vectors of each module, by type and name. */
const constantsOf = new WeakMap<ModuleBuilder, Map<string, Global>>();

export class Lanes {
  readonly code: FunctionBuilder;
  readonly type: LaneType;
  readonly module: ModuleBuilder;

  readonly #constants: Map<string, Global>;

  constructor(module: ModuleBuilder, code: FunctionBuilder, type: LaneType) {
    this.code = code;
    this.type = type;
    this.module = module;
    this.#constants = constantsOf.get(module) ?? new Map<string, Global>();
    constantsOf.set(module, this.#constants);
  }

  local(local: Local): Value {
    return () => this.code.get(local);
  }

  /** Computes a value now, once; the result may be used any number of times. */
  keep(value: Value): Value {
    value();
    const kept = this.code.local("v128");
    this.code.set(kept);
    return this.local(kept);
  }

  constant(number: number): Value {
    // JavaScript writes 0 and -0 alike.
    const key = Object.is(number, -0) ? "-0" : String(number);
    return this.#vector(key, () => splatBytes(this.type, number));
  }

  /** The same bits in each lane: 64 of them in f64x2, 32 in f32x4. */
  bits(pattern: bigint): Value {
    const width = this.type === "f64x2" ? 8 : 4;
    const byte = (i: number): number => Number((pattern >> BigInt(8 * (i % width))) & 0xffn);
    return this.#vector(`bits ${pattern}`, () => Array.from({ length: 16 }, (_, i) => byte(i)));
  }

  signBit(): Value {
    return this.bits(this.type === "f64x2" ? 1n << 63n : 1n << 31n);
  }

  add = (a: Value, b: Value): Value => this.#float("add", a, b);
  sub = (a: Value, b: Value): Value => this.#float("sub", a, b);
  mul = (a: Value, b: Value): Value => this.#float("mul", a, b);
  div = (a: Value, b: Value): Value => this.#float("div", a, b);
  /** The lesser, or the first where it is NaN. */
  least = (a: Value, b: Value): Value => this.#float("pmin", a, b);
  /** The greater, or the first where it is NaN. */
  greatest = (a: Value, b: Value): Value => this.#float("pmax", a, b);
  abs = (a: Value): Value => this.#float("abs", a);
  neg = (a: Value): Value => this.#float("neg", a);
  sqrt = (a: Value): Value => this.#float("sqrt", a);
  nearest = (a: Value): Value => this.#float("nearest", a);

  eq = (a: Value, b: Value): Value => this.#float("eq", a, b);
  ne = (a: Value, b: Value): Value => this.#float("ne", a, b);
  lt = (a: Value, b: Value): Value => this.#float("lt", a, b);
  gt = (a: Value, b: Value): Value => this.#float("gt", a, b);
  le = (a: Value, b: Value): Value => this.#float("le", a, b);
  ge = (a: Value, b: Value): Value => this.#float("ge", a, b);

  and = (a: Value, b: Value): Value => this.#plain("v128.and", a, b);
  /** The bits of the first that the second lacks. */
  andNot = (a: Value, b: Value): Value => this.#plain("v128.andnot", a, b);
  or = (a: Value, b: Value): Value => this.#plain("v128.or", a, b);
  xor = (a: Value, b: Value): Value => this.#plain("v128.xor", a, b);
  /** The first where the mask's bits are set, else the second. */
  select = (mask: Value, a: Value, b: Value): Value => this.#plain("v128.bitselect", a, b, mask);

  integerAdd = (a: Value, b: Value): Value => this.#integer("add", a, b);
  integerSub = (a: Value, b: Value): Value => this.#integer("sub", a, b);
  shiftLeft = (a: Value, bits: number): Value => this.#shift("shl", a, bits);
  shiftRight = (a: Value, bits: number): Value => this.#shift("shr_u", a, bits);

  /** Copies of the sign bit come in. */
  shiftRightSigned = (a: Value, bits: number): Value => this.#shift("shr_s", a, bits);

  /**
   * c[0] + c[1] x + c[2] x² + …, in pairs of pairs (Estrin, "Organization of Computer Systems", 1960), since a processor
   * works on the halves at once. The x given must be kept.
   */
  polynomial(x: Value, coefficients: readonly number[]): Value {
    const powers = [x];
    for (let degree = 2; degree < coefficients.length; degree *= 2) {
      const last = powers[powers.length - 1];
      powers.push(this.keep(this.mul(last, last)));
    }
    return this.#terms(powers, coefficients);
  }

  /** The same with the fewest operations, one after the other. */
  polynomialByHorner(x: Value, coefficients: readonly number[]): Value {
    const last = coefficients.length - 1;
    return coefficients
      .slice(0, last)
      .reduceRight<Value>((sum, c) => this.add(this.constant(c), this.mul(x, sum)), this.constant(coefficients[last]));
  }

  /**
   * The same, c[0] + (c[1] x + x² (…)), in pairs one after the other: nearly as few operations as Horner's, half as long
   * a wait, and the last sum the only one that rounds much. The x given must be kept.
   */
  polynomialByPairs(x: Value, [c0, c1, ...rest]: readonly number[]): Value {
    const square = this.keep(this.mul(x, x));
    const pairs = (from: number): Value => {
      const pair =
        from + 1 < rest.length
          ? this.add(this.constant(rest[from]), this.mul(x, this.constant(rest[from + 1])))
          : this.constant(rest[from]);
      return from + 2 < rest.length ? this.add(pair, this.mul(square, pairs(from + 2))) : pair;
    };
    return this.add(this.constant(c0), this.add(this.mul(x, this.constant(c1)), this.mul(square, pairs(0))));
  }

  #terms(powers: readonly Value[], coefficients: readonly number[]): Value {
    if (coefficients.length === 1) return this.constant(coefficients[0]);
    const level = Math.ceil(Math.log2(coefficients.length)) - 1;
    const half = 2 ** level;
    const low = this.#terms(powers, coefficients.slice(0, half));
    const high = this.#terms(powers, coefficients.slice(half));
    return this.add(low, this.mul(high, powers[level]));
  }

  /** Runs `then` if the mask's bits are set in all lanes, else `otherwise`. */
  ifAll(mask: Value, then: () => void, otherwise: () => void, result?: ValueType): void {
    mask();
    this.code.emit("i32x4.bitmask").emit("i32.const", 15).emit("i32.eq").if(then, otherwise, result);
  }

  /** Runs `then` if the mask's bits are not set in all lanes. */
  ifNotAll(mask: Value, then: () => void): void {
    mask();
    this.code.emit("i32x4.bitmask").emit("i32.const", 15).emit("i32.ne").if(then);
  }

  /** Each constant is asked for many times, so it is told by its name before its bytes are made. */
  #vector(name: string, bytes: () => readonly number[]): Value {
    const key = `${this.type} ${name}`;
    const global = this.#constants.get(key) ?? this.module.constantVector(bytes());
    this.#constants.set(key, global);
    return () => this.code.getGlobal(global);
  }

  #float(name: FloatOperation, ...operands: readonly Value[]): Value {
    return this.#plain(`${this.type}.${name}`, ...operands);
  }

  #integer(name: "add" | "sub", a: Value, b: Value): Value {
    return this.#plain(this.type === "f64x2" ? `i64x2.${name}` : `i32x4.${name}`, a, b);
  }

  #shift(name: "shl" | "shr_u" | "shr_s", a: Value, bits: number): Value {
    return () => {
      a();
      this.code.emit("i32.const", bits).emit(this.type === "f64x2" ? `i64x2.${name}` : `i32x4.${name}`);
    };
  }

  #plain(mnemonic: Mnemonic, ...operands: readonly Value[]): Value {
    return () => {
      for (const operand of operands) operand();
      this.code.emit(mnemonic);
    };
  }
}
