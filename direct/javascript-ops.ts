import type { OpName } from "../scheme/index.js";
import type { GraphOp } from "./graph-ops.js";

/** How an operation on numbers is written in JavaScript, bit for bit as the op table means it; `h` holds the table's own functions. */
type Emit = (...args: string[]) => string;

const call =
  (name: string): Emit =>
  (...args) =>
    `${name}(${args.join(", ")})`;
const infix =
  (operator: string): Emit =>
  (a, b) =>
    `(${a} ${operator} ${b})`;
const test =
  (operator: string): Emit =>
  (a, b) =>
    `(${a} ${operator} ${b} ? 1 : 0)`;
const testZero =
  (operator: string): Emit =>
  (a) =>
    `(${a} ${operator} 0 ? 1 : 0)`;
/** The meaning in the op table itself. */
const own =
  (op: OpName): Emit =>
  (...args) =>
    `h[${JSON.stringify(op)}](${args.join(", ")})`;

export const javascriptOps: { readonly [K in GraphOp]: Emit | undefined } = {
  "chain*": (a, b) => `(${a} === 0 || ${b} === 0 ? 0 : ${a} * ${b})`,
  "+": infix("+"),
  "-": infix("-"),
  "*": infix("*"),
  "/": infix("/"),
  expt: own("expt"),
  modulo: own("modulo"),
  remainder: own("remainder"),
  quotient: (a, b) => `Math.trunc(${a} / ${b})`,
  gcd: own("gcd"),
  lcm: own("lcm"),
  min: call("Math.min"),
  max: call("Math.max"),
  abs: call("Math.abs"),
  square: (a) => `(${a} * ${a})`,
  sqrt: call("Math.sqrt"),
  exp: call("Math.exp"),
  log: call("Math.log"),
  sin: call("Math.sin"),
  cos: call("Math.cos"),
  tan: call("Math.tan"),
  asin: call("Math.asin"),
  acos: call("Math.acos"),
  atan: call("Math.atan"),
  atan2: call("Math.atan2"),
  sinh: call("Math.sinh"),
  cosh: call("Math.cosh"),
  tanh: call("Math.tanh"),
  floor: call("Math.floor"),
  ceiling: call("Math.ceil"),
  round: own("round"),
  truncate: call("Math.trunc"),
  "=": test("==="),
  "<": test("<"),
  ">": test(">"),
  "<=": test("<="),
  ">=": test(">="),
  not: testZero("==="),
  "zero?": testZero("==="),
  "positive?": testZero(">"),
  "negative?": testZero("<"),
  "odd?": own("odd?"),
  "even?": own("even?"),
  ref: (index) => index,
  update: (index) => index,
  normalize: (length) => length,
  inv: (pivot) => pivot,
};
