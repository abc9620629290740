import type { Message } from "../tensor/index.js";
import type { GraphOp } from "./graph-ops.js";
import { attribute } from "./onnx-messages.js";

/** Writes an operation's ONNX operators and gives the name of the result. */
type Emit = (w: Operators, ...args: string[]) => string;

/** Operators on numbers: each gives the name of its result. */
export interface Operators {
  /** One operator. */
  readonly apply: (operator: string, args: readonly string[], attributes?: readonly Message[]) => string;
  readonly number: (value: number) => string;
  readonly type: "float64" | "float32";
  readonly cast: (value: string, type: "float64" | "float32") => string;
  /** A truth value as the number 1 or 0. */
  readonly bit: (truth: string) => string;
}

const plain =
  (operator: string): Emit =>
  (w, ...args) =>
    w.apply(operator, args);
const test =
  (operator: string): Emit =>
  (w, a, b) =>
    w.bit(w.apply(operator, [a, b]));
const testZero =
  (operator: string): Emit =>
  (w, a) =>
    w.bit(w.apply(operator, [a, w.number(0)]));
export const where = (w: Operators, truth: string, yes: string, no: string) => w.apply("Where", [truth, yes, no]);
const less = (w: Operators, a: string, b: string) => w.apply("Less", [a, b]);

/** The remainder with the sign of the dividend, as C's fmod. */
const floatRemainder = (w: Operators, a: string, b: string) => w.apply("Mod", [a, b], [attribute.whole("fmod", 1)]);
const positiveZero = (w: Operators, r: string) => where(w, w.apply("Equal", [r, w.number(0)]), w.number(0), r);
const truncate = (w: Operators, a: string) =>
  where(w, less(w, a, w.number(0)), w.apply("Ceil", [a]), w.apply("Floor", [a]));

const isInfinite = (w: Operators, a: string) =>
  w.apply("Equal", [w.apply("Abs", [a]), w.number(Number.POSITIVE_INFINITY)]);

/** Below 0, or the zero that is below it: its reciprocal tells. */
const isNegative = (w: Operators, a: string) =>
  w.apply("Or", [less(w, a, w.number(0)), less(w, w.apply("Div", [w.number(1), a]), w.number(0))]);

const half = (w: Operators, a: string) => w.apply("Mul", [a, w.number(0.5)]);

/** Runtimes have the first in float32 alone; in float64 the second, to much the same precision. */
const inSingle =
  (operator: string, double: Emit): Emit =>
  (w, a) =>
    w.type === "float32" ? w.apply(operator, [a]) : double(w, a);

const tangent = inSingle("Tan", (w, a) => w.apply("Div", [w.apply("Sin", [a]), w.apply("Cos", [a])]));

/** With h = exp(|x|/2), which overflows no sooner than the result: h²/2 + 1/(2h²). */
const hyperbolicCosine = inSingle("Cosh", (w, a) => {
  const h = w.apply("Exp", [half(w, w.apply("Abs", [a]))]);
  const inverse = w.apply("Div", [w.number(1), h]);
  const smaller = half(w, w.apply("Mul", [inverse, inverse]));
  return w.apply("Add", [w.apply("Mul", [half(w, h), h]), smaller]);
});

const hyperbolicSine = inSingle("Sinh", (w, a) => w.apply("Mul", [w.apply("Tanh", [a]), hyperbolicCosine(w, a)]));

/** From the angle y in float32, atan x = y + atan((x cos y - sin y) / (cos y + x sin y)), whose last angle is tiny. */
const arcTangent = inSingle("Atan", (w, a) => {
  const near = w.cast(w.apply("Atan", [w.cast(a, "float32")]), "float64");
  const [sine, cosine] = [w.apply("Sin", [near]), w.apply("Cos", [near])];
  const above = w.apply("Sub", [w.apply("Mul", [a, cosine]), sine]);
  const below = w.apply("Add", [cosine, w.apply("Mul", [a, sine])]);
  const refined = w.apply("Add", [near, w.apply("Div", [above, below])]);
  const right = where(w, less(w, a, w.number(0)), w.number(-Math.PI / 2), w.number(Math.PI / 2));
  // At 0 the angle is a itself, its sign included.
  const isZero = w.apply("Equal", [a, w.number(0)]);
  return where(w, isInfinite(w, a), right, where(w, isZero, a, refined));
});

const oneLess = (w: Operators, a: string) => w.apply("Sub", [w.number(1), a]);
const oneMore = (w: Operators, a: string) => w.apply("Add", [w.number(1), a]);

const arcSine = inSingle("Asin", (w, a) => {
  const other = w.apply("Sqrt", [w.apply("Mul", [oneLess(w, a), oneMore(w, a)])]);
  return arcTangent(w, w.apply("Div", [a, other]));
});

const arcCosine = inSingle("Acos", (w, a) => {
  const ratio = w.apply("Sqrt", [w.apply("Div", [oneLess(w, a), oneMore(w, a)])]);
  return w.apply("Mul", [w.number(2), arcTangent(w, ratio)]);
});

/** The whole part of a quotient that is not rounded to float32 first. */
const quotient: Emit = (w, a, b) => {
  if (w.type === "float64") return truncate(w, w.apply("Div", [a, b]));
  const wide = w.apply("Div", [w.cast(a, "float64"), w.cast(b, "float64")]);
  const up = w.cast(w.apply("Ceil", [wide]), "float32");
  return where(w, less(w, w.cast(wide, "float32"), w.number(0)), up, w.cast(w.apply("Floor", [wide]), "float32"));
};

const angle: Emit = (w, first, second) => {
  // The angle between two infinities is that between 1 and 1.
  const both = w.apply("And", [isInfinite(w, first), isInfinite(w, second)]);
  const finite = (a: string) => where(w, both, where(w, less(w, a, w.number(0)), w.number(-1), w.number(1)), a);
  return finiteAngle(w, finite(first), finite(second));
};

const finiteAngle: Emit = (w, y, x) => {
  const both = w.apply("And", [w.apply("Equal", [y, w.number(0)]), w.apply("Equal", [x, w.number(0)])]);
  const ratio = where(w, both, y, w.apply("Div", [y, x]));
  const slope = arcTangent(w, ratio);
  const turn = where(w, isNegative(w, y), w.number(-Math.PI), w.number(Math.PI));
  // Where x is 0 the ratio's infinity has the sign of that zero, and y may not.
  const upright = half(w, turn);
  const isUpright = w.apply("And", [
    w.apply("Equal", [x, w.number(0)]),
    w.apply("Greater", [w.apply("Abs", [y]), w.number(0)]),
  ]);
  const flat = where(w, both, turn, w.apply("Add", [slope, turn]));
  return where(w, isUpright, upright, where(w, isNegative(w, x), flat, slope));
};

/** Not to be had of ONNX's operators one by one. */
const none = undefined;

export const onnxOps: { readonly [K in GraphOp]: Emit | undefined } = {
  "chain*": (w, a, b) => {
    const either = w.apply("Or", [w.apply("Equal", [a, w.number(0)]), w.apply("Equal", [b, w.number(0)])]);
    return where(w, either, w.number(0), w.apply("Mul", [a, b]));
  },
  "+": plain("Add"),
  "-": plain("Sub"),
  "*": plain("Mul"),
  "/": plain("Div"),
  expt: plain("Pow"),
  modulo: (w, a, b) => {
    const r = floatRemainder(w, a, b);
    const apart = w.apply("Xor", [less(w, r, w.number(0)), less(w, b, w.number(0))]);
    const shifted = where(w, apart, w.apply("Add", [r, b]), r);
    return where(w, w.apply("Equal", [r, w.number(0)]), w.number(0), shifted);
  },
  remainder: (w, a, b) => positiveZero(w, floatRemainder(w, a, b)),
  quotient,
  gcd: none,
  lcm: none,
  min: plain("Min"),
  max: plain("Max"),
  abs: plain("Abs"),
  square: (w, a) => w.apply("Mul", [a, a]),
  sqrt: plain("Sqrt"),
  exp: plain("Exp"),
  log: plain("Log"),
  sin: plain("Sin"),
  cos: plain("Cos"),
  tan: tangent,
  asin: arcSine,
  acos: arcCosine,
  atan: arcTangent,
  atan2: angle,
  sinh: hyperbolicSine,
  cosh: hyperbolicCosine,
  tanh: plain("Tanh"),
  floor: plain("Floor"),
  ceiling: plain("Ceil"),
  round: plain("Round"),
  truncate,
  "=": test("Equal"),
  "<": test("Less"),
  ">": test("Greater"),
  "<=": test("LessOrEqual"),
  ">=": test("GreaterOrEqual"),
  not: testZero("Equal"),
  "zero?": testZero("Equal"),
  "positive?": testZero("Greater"),
  "negative?": testZero("Less"),
  "odd?": (w, a) => w.bit(w.apply("Equal", [w.apply("Abs", [floatRemainder(w, a, w.number(2))]), w.number(1)])),
  "even?": (w, a) => w.bit(w.apply("Equal", [floatRemainder(w, a, w.number(2)), w.number(0)])),
  // ONNX can't refuse an index outside an array: what is chosen by it is NaN, which the writer sees to.
  ref: (_, index) => index,
  update: (_, index) => index,
  // Strict mode, which has them, is refused.
  normalize: none,
  inv: none,
};
