import { printNumber, type ScalarOpName } from "../scheme/index.js";
import { mostValues } from "./assembly.js";
import type { Mnemonic, Operation } from "./instructions.js";
import type { VirtualOperand, VirtualRegister } from "./virtual-code.js";

/** What lowering an operation may emit. */
export interface Emitter {
  /** A fresh register. */
  temporary(): VirtualRegister;
  /** The operand in a register: a constant is written to a fresh one. */
  register(operand: VirtualOperand): VirtualRegister;
  emit(op: Operation, out: VirtualRegister, a?: VirtualRegister, b?: VirtualRegister): void;
  /** Emits `not`, and remembers what of: a branch on the result then tests that. */
  not(out: VirtualRegister, of: VirtualRegister): void;
  /** Says that a register holds 0 or 1. */
  flag(register: VirtualRegister): void;
  copy(out: VirtualRegister, from: VirtualRegister): void;
  /** Emits `body` as long as a register does not hold 0 before it. */
  loopWhile(test: VirtualRegister, body: () => void): void;
}

export type Lowering = (emitter: Emitter, args: readonly VirtualOperand[], out: VirtualRegister) => void;

const isConstant = (operand: VirtualOperand, value: number): boolean =>
  operand.kind === "constant" && operand.value === value;

const binary =
  (op: Mnemonic): Lowering =>
  (e, [a, b], out) =>
    e.emit(op, out, e.register(a), e.register(b));

/** An instruction whose result is 0 or 1. */
const comparison =
  (op: Mnemonic): Lowering =>
  (e, args, out) => {
    binary(op)(e, args, out);
    e.flag(out);
  };

/** Operations that leave a whole number of 0..n-1 as it is. */
const identity: Lowering = (e, [a], out) => e.copy(out, e.register(a));

const add: Lowering = (e, args, out) => {
  for (const [x, y] of [args, [args[1], args[0]]]) {
    if (isConstant(y, 1)) return e.emit("inc", out, e.register(x));
    if (isConstant(y, -1)) return e.emit("dec", out, e.register(x));
  }
  return binary("add")(e, args, out);
};

const subtract: Lowering = (e, args, out) =>
  isConstant(args[1], 1) ? e.emit("dec", out, e.register(args[0])) : binary("sub")(e, args, out);

const equal: Lowering = (e, args, out) => {
  for (const [x, y] of [args, [args[1], args[0]]]) {
    if (isConstant(y, 0)) return e.not(out, e.register(x));
  }
  return comparison("eq")(e, args, out);
};

const less = comparison("lt");

const notLess: Lowering = (e, args, out) => {
  const below = e.temporary();
  less(e, args, below);
  e.not(out, below);
};

const swapped =
  (lowering: Lowering): Lowering =>
  (e, [a, b], out) =>
    lowering(e, [b, a], out);

const two: VirtualOperand = { kind: "constant", value: 2 };

const odd: Lowering = (e, [a], out) => {
  e.emit("mod", out, e.register(a), e.register(two));
  e.flag(out);
};

/** Euclid's algorithm. */
const gcd: Lowering = (e, [a, b], out) => {
  const [x, y] = [e.temporary(), e.temporary()];
  e.copy(x, e.register(a));
  e.copy(y, e.register(b));
  e.loopWhile(y, () => {
    const rest = e.temporary();
    e.emit("mod", rest, x, y);
    e.copy(x, y);
    e.copy(y, rest);
  });
  e.copy(out, x);
};

const lcm: Lowering = (e, args, out) => {
  const [divisor, part] = [e.temporary(), e.temporary()];
  const [a, b] = args.map((arg) => e.register(arg));
  gcd(e, args, divisor);
  e.emit("div", part, a, divisor);
  e.emit("mul", out, part, b);
};

/** The machine has no instruction for it. */
const none = undefined;

/** How each operation on numbers becomes instructions, on values 0..n-1. */
const lowerings: { readonly [K in ScalarOpName]: Lowering | undefined } = {
  "+": add,
  "-": subtract,
  "*": binary("mul"),
  "/": none,
  expt: none,
  modulo: binary("mod"),
  remainder: binary("mod"),
  quotient: binary("div"),
  gcd,
  lcm,
  min: binary("min"),
  max: binary("max"),
  abs: identity,
  square: (e, [a], out) => {
    const x = e.register(a);
    e.emit("mul", out, x, x);
  },
  sqrt: none,
  exp: none,
  log: none,
  sin: none,
  cos: none,
  tan: none,
  asin: none,
  acos: none,
  atan: none,
  atan2: none,
  sinh: none,
  cosh: none,
  tanh: none,
  floor: identity,
  ceiling: identity,
  round: identity,
  truncate: identity,
  "=": equal,
  "<": less,
  ">": swapped(less),
  "<=": swapped(notLess),
  ">=": notLess,
  not: (e, [a], out) => e.not(out, e.register(a)),
  "zero?": (e, [a], out) => e.not(out, e.register(a)),
  "positive?": (e, [a], out) => {
    const isZero = e.temporary();
    e.not(isZero, e.register(a));
    e.not(out, isZero);
  },
  "negative?": (e, _args, out) => e.emit("zero", out),
  "odd?": odd,
  "even?": (e, args, out) => {
    const isOdd = e.temporary();
    odd(e, args, isOdd);
    e.not(out, isOdd);
  },
};

/** How the numbers of the language stand in the machine's values, and operations on them become instructions. */
export interface Arithmetic {
  /** The constant that stands for a number; or why none does. */
  constant(value: number): number | { readonly fault: string };
  /** How an operation becomes instructions; undefined when there are none for it. */
  lowering(op: ScalarOpName): Lowering | undefined;
  /** The whole number that a constant stands for, as an index or a size. */
  whole(constant: number): number;
  /** A register that holds the whole number that a value stands for. */
  index(emitter: Emitter, value: VirtualRegister): VirtualRegister;
  /** Whether a constant is true, where that is known. */
  isTrue(constant: number): boolean | undefined;
  /** What says that a value is false: a register, and which of 0 and 1 it then holds. Undefined where none is. */
  falsehood(emitter: Emitter, value: VirtualRegister): Test | undefined;
}

/** Holds where a register holds 0, or where it holds 1. */
export interface Test {
  readonly register: VirtualRegister;
  readonly is: 0 | 1;
}

/** Whole numbers modulo n. */
export const modular: Arithmetic = {
  constant(value) {
    if (!Number.isInteger(value)) {
      const fault = `${printNumber(value)} is not a whole number, and the machine has no others`;
      return { fault: `${fault}; the exact path (compile) runs it` };
    }
    if (value >= mostValues || value < -mostValues) {
      const fault = `${printNumber(value)} is no value of any machine, which are 0..n-1 with n of at most ${mostValues}`;
      return { fault: `${fault}; the exact path (compile) runs it` };
    }
    return value + 0;
  },
  lowering: (op) => lowerings[op],
  whole: (constant) => constant,
  index: (_emitter, value) => value,
  // Modulo n, which is not known yet, a constant that is farther from 0 may be 0 too: the linker sees whether it fits.
  isTrue: (constant) => (Math.abs(constant) <= 1 ? constant !== 0 : undefined),
  falsehood: (_emitter, value) => ({ register: value, is: 0 }),
};
