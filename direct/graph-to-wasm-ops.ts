import type { ElementaryName, FunctionBuilder, Local, Mnemonic } from "../kernel/index.js";
import type { GraphOp } from "./graph-ops.js";
import type { ScalarName } from "./graph-to-wasm-scalars.js";

/** The vectors that a kernel computes with, by its dtype. */
export type LaneType = "f64x2" | "f32x4";

/** What the code of an operation may use, each leaving one v128 on the stack; arguments are locals. */
export interface VectorCode {
  readonly code: FunctionBuilder;
  readonly type: LaneType;
  /** A vector of one number: 0, 0.5, 1 or 2. */
  constant(value: number): Local;
  /** A new local with the vector on top of the stack. */
  keep(): Local;
  /** An operation computed lane by lane. */
  eachLane(name: ScalarName, a: Local, b: Local): void;
}

/** The numbers that the code of operations takes as vectors. */
export const vectorConstants = [0, 0.5, 1, 2] as const;

type Emit = (v: VectorCode, ...args: Local[]) => void;

/** How an operation is computed on vectors, bit for bit as the slots compute it, elementary functions apart. */
export type VectorOp =
  /** Instructions that leave the value. `cost` is in units of an addition. */
  | { readonly kind: "value"; readonly emit: Emit; readonly cost: number }
  /** Instructions that leave all bits of a lane set where the value is 1, and none where it is 0. */
  | { readonly kind: "mask"; readonly emit: Emit; readonly cost: number }
  | { readonly kind: "elementary"; readonly name: ElementaryName };

type Suffix<M> = M extends `f64x2.${infer Name}` ? (`f32x4.${Name}` extends Mnemonic ? Name : never) : never;

const emit = (v: VectorCode, name: Suffix<Mnemonic>, ...args: Local[]): void => {
  for (const arg of args) v.code.get(arg);
  const mnemonic: Mnemonic = `${v.type}.${name}`;
  v.code.emit(mnemonic);
};

const instruction = (name: Suffix<Mnemonic>, cost = 1): VectorOp => ({
  kind: "value",
  cost,
  emit: (v, ...args) => emit(v, name, ...args),
});
const value = (emit: Emit, cost: number): VectorOp => ({ kind: "value", emit, cost });
const slow = (emit: Emit): VectorOp => value(emit, 100);
const comparison = (name: Suffix<Mnemonic>): VectorOp => ({
  kind: "mask",
  cost: 1,
  emit: (v, a, b) => emit(v, name, a, b),
});
const comparisonWithZero = (name: Suffix<Mnemonic>): VectorOp => ({
  kind: "mask",
  cost: 1,
  emit: (v, a) => emit(v, name, a, v.constant(0)),
});

/** Leaves x - 2·trunc(x/2), which is exact: NaN for infinities. */
const restByTwo = (v: VectorCode, x: Local): Local => {
  v.code.get(x);
  emit(v, "mul", x, v.constant(0.5));
  const half = `${v.type}.trunc` as const;
  v.code
    .emit(half)
    .get(v.constant(2))
    .emit(`${v.type}.mul` as const);
  v.code.emit(`${v.type}.sub` as const);
  return v.keep();
};

const elementaryOp = (name: ElementaryName): VectorOp => ({ kind: "elementary", name });

/** Each operation on vectors; undefined where there is none, so that the program runs on slots. */
export const vectorOps: { readonly [K in GraphOp]: VectorOp | undefined } = {
  "chain*": value((v, a, b) => {
    emit(v, "mul", a, b);
    emit(v, "eq", a, v.constant(0));
    emit(v, "eq", b, v.constant(0));
    v.code.emit("v128.or").emit("v128.andnot");
  }, 4),
  "+": instruction("add"),
  "-": instruction("sub"),
  "*": instruction("mul"),
  "/": instruction("div", 4),
  expt: elementaryOp("expt"),
  modulo: slow((v, a, b) => {
    // The remainder is exact, so what is left is one sum.
    v.eachLane("remainder", a, b);
    const rest = v.keep();
    emit(v, "add", rest, b);
    v.code.get(rest);
    emit(v, "lt", rest, v.constant(0));
    emit(v, "lt", b, v.constant(0));
    v.code.emit("v128.xor");
    emit(v, "ne", rest, v.constant(0));
    v.code.emit("v128.and").emit("v128.bitselect");
  }),
  remainder: slow((v, a, b) => v.eachLane("remainder", a, b)),
  quotient: slow((v, a, b) => {
    if (v.type === "f32x4") v.eachLane("quotient", a, b);
    else {
      emit(v, "div", a, b);
      v.code.emit("f64x2.trunc");
    }
  }),
  gcd: slow((v, a, b) => v.eachLane("gcd", a, b)),
  lcm: slow((v, a, b) => v.eachLane("lcm", a, b)),
  min: instruction("min", 2),
  max: instruction("max", 2),
  abs: instruction("abs"),
  square: value((v, a) => emit(v, "mul", a, a), 1),
  sqrt: instruction("sqrt", 4),
  exp: elementaryOp("exp"),
  log: elementaryOp("log"),
  sin: elementaryOp("sin"),
  cos: elementaryOp("cos"),
  tan: elementaryOp("tan"),
  asin: elementaryOp("asin"),
  acos: elementaryOp("acos"),
  atan: elementaryOp("atan"),
  atan2: elementaryOp("atan2"),
  sinh: elementaryOp("sinh"),
  cosh: elementaryOp("cosh"),
  tanh: elementaryOp("tanh"),
  floor: instruction("floor"),
  ceiling: instruction("ceil"),
  round: instruction("nearest"),
  truncate: instruction("trunc"),
  "=": comparison("eq"),
  "<": comparison("lt"),
  ">": comparison("gt"),
  "<=": comparison("le"),
  ">=": comparison("ge"),
  not: comparisonWithZero("eq"),
  "zero?": comparisonWithZero("eq"),
  "positive?": comparisonWithZero("gt"),
  "negative?": comparisonWithZero("lt"),
  "odd?": {
    kind: "mask",
    cost: 6,
    emit: (v, x) => {
      const rest = restByTwo(v, x);
      v.code.get(rest);
      v.code
        .emit(`${v.type}.abs` as const)
        .get(v.constant(1))
        .emit(`${v.type}.eq` as const);
    },
  },
  "even?": { kind: "mask", cost: 5, emit: (v, x) => emit(v, "eq", restByTwo(v, x), v.constant(0)) },
  ref: undefined,
  update: undefined,
  normalize: undefined,
  inv: undefined,
};

/** What an operation costs, in additions. */
export function costOfOp(op: GraphOp): number {
  const how = vectorOps[op];
  return how?.kind === "value" || how?.kind === "mask" ? how.cost : 50;
}
