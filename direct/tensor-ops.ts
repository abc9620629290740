import type { Tensor } from "@tensorflow/tfjs";
import type { TensorFlowModule } from "../tensor/index.js";
import type { GraphOp } from "./graph-ops.js";

/** An operation on whole float32 tensors, of shapes that broadcast together; truth values are 1 and 0. */
export type TensorOp = (tf: TensorFlowModule, ...args: Tensor[]) => Tensor;

const bit = (truth: Tensor) => truth.toFloat();
const comparison =
  (name: "equal" | "less" | "greater" | "lessEqual" | "greaterEqual"): TensorOp =>
  (tf, a, b) =>
    bit(tf[name](a, b));
const comparisonWithZero =
  (name: "equal" | "less" | "greater"): TensorOp =>
  (tf, a) =>
    bit(tf[name](a, 0));

/** A number rather than another wherever a truth holds; of neither is anything seen where it isn't chosen. */
export const choose = (tf: TensorFlowModule, truth: Tensor, yes: Tensor | number, no: Tensor | number): Tensor =>
  tf.where(truth, yes, no);

const truncate = (tf: TensorFlowModule, a: Tensor) => choose(tf, a.less(0), a.ceil(), a.floor());

/** The rest of magnitudes, which TensorFlow.js divides as C's fmod; not so with signs. */
const restOfMagnitudes = (a: Tensor, b: Tensor | number) => a.abs().mod(typeof b === "number" ? b : b.abs());

const remainder = (tf: TensorFlowModule, a: Tensor, b: Tensor) => {
  const rest = restOfMagnitudes(a, b);
  return choose(tf, a.less(0).logicalAnd(rest.notEqual(0)), rest.neg(), rest);
};

/**
 * Each operation in TensorFlow.js's own, with the meaning of the op table to float32 precision; undefined where there is
 * none, so that the program runs on copies.
 */
export const tensorOps: { readonly [K in GraphOp]: TensorOp | undefined } = {
  "chain*": (tf, a, b) => choose(tf, a.equal(0).logicalOr(b.equal(0)), 0, a.mul(b)),
  "+": (_, a, b) => a.add(b),
  "-": (_, a, b) => a.sub(b),
  "*": (_, a, b) => a.mul(b),
  "/": (_, a, b) => a.div(b),
  expt: (tf, a, b) => {
    // IEEE 754 has 1 where JavaScript has NaN.
    const isOne = a.equal(1).logicalOr(a.equal(-1).logicalAnd(b.abs().equal(Number.POSITIVE_INFINITY)));
    return choose(tf, isOne, 1, a.pow(b));
  },
  modulo: (tf, a, b) => {
    const rest = remainder(tf, a, b);
    const apart = rest.less(0).logicalXor(b.less(0)).logicalAnd(rest.notEqual(0));
    return choose(tf, apart, rest.add(b), rest);
  },
  remainder,
  quotient: (tf, a, b) => {
    const ratio = a.div(b);
    const whole = truncate(tf, ratio);
    // A ratio that was rounded up to a whole number leaves a rest of nearly b.
    const above = ratio.equal(whole).logicalAnd(restOfMagnitudes(a, b).mul(2).greater(b.abs()));
    return choose(tf, above, whole.sub(ratio.sign()), whole);
  },
  gcd: undefined,
  lcm: undefined,
  min: (_, a, b) => a.minimum(b),
  max: (_, a, b) => a.maximum(b),
  abs: (_, a) => a.abs(),
  square: (_, a) => a.square(),
  sqrt: (_, a) => a.sqrt(),
  exp: (_, a) => a.exp(),
  log: (_, a) => a.log(),
  sin: (_, a) => a.sin(),
  cos: (_, a) => a.cos(),
  tan: (_, a) => a.tan(),
  asin: (_, a) => a.asin(),
  acos: (_, a) => a.acos(),
  atan: (_, a) => a.atan(),
  atan2: (tf, a, b) => tf.atan2(a, b),
  sinh: (_, a) => a.sinh(),
  cosh: (_, a) => a.cosh(),
  tanh: (_, a) => a.tanh(),
  floor: (_, a) => a.floor(),
  ceiling: (_, a) => a.ceil(),
  round: (_, a) => a.round(),
  truncate,
  "=": comparison("equal"),
  "<": comparison("less"),
  ">": comparison("greater"),
  "<=": comparison("lessEqual"),
  ">=": comparison("greaterEqual"),
  not: comparisonWithZero("equal"),
  "zero?": comparisonWithZero("equal"),
  "positive?": comparisonWithZero("greater"),
  "negative?": comparisonWithZero("less"),
  "odd?": (_, a) => bit(restOfMagnitudes(a, 2).equal(1)),
  "even?": (_, a) => bit(restOfMagnitudes(a, 2).equal(0)),
  // An index outside an array is refused, and in strict mode a singular matrix, which a tensor can't do.
  ref: undefined,
  update: undefined,
  normalize: undefined,
  inv: undefined,
};
