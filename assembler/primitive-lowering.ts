import type { OpName } from "../scheme/index.js";
import type { Mnemonic } from "./instructions.js";
import type { VirtualOperand, VirtualRegister } from "./virtual-code.js";

/** What lowering an operation may emit. */
export interface Emitter {
  /** A fresh register. */
  temporary(): VirtualRegister;
  /** The operand in a register: a constant is written to a fresh one. */
  register(operand: VirtualOperand): VirtualRegister;
  emit(op: Mnemonic, out: VirtualRegister, a?: VirtualRegister, b?: VirtualRegister): void;
  /** Says that a register holds 0 or 1; with `negated`, that it holds 1 exactly where that register holds 0. */
  flag(register: VirtualRegister, negated?: VirtualRegister): void;
  isFlag(register: VirtualRegister): boolean;
  copy(out: VirtualRegister, from: VirtualRegister): void;
  /** Emits `body` until the register `stop` gives holds 1 before it. */
  loopUntil(stop: () => VirtualRegister, body: () => void): void;
}

type Lowering = (emitter: Emitter, args: readonly VirtualOperand[], out: VirtualRegister) => void;

const isConstant = (operand: VirtualOperand, value: number): boolean =>
  operand.kind === "constant" && operand.value === value;

const unary =
  (op: Mnemonic): Lowering =>
  (e, [a], out) =>
    e.emit(op, out, e.register(a));

const binary =
  (op: Mnemonic): Lowering =>
  (e, [a, b], out) =>
    e.emit(op, out, e.register(a), e.register(b));

/** Operations that leave a whole number of 0..n-1 as it is. */
const identity: Lowering = (e, [a], out) => e.copy(out, e.register(a));

function not(e: Emitter, a: VirtualRegister, out: VirtualRegister): void {
  e.emit("not", out, a);
  e.flag(out, e.isFlag(a) ? a : undefined);
}

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
    if (isConstant(y, 0)) return not(e, e.register(x), out);
  }
  binary("eq")(e, args, out);
  return e.flag(out);
};

const less: Lowering = (e, args, out) => {
  binary("lt")(e, args, out);
  e.flag(out);
};

const notLess: Lowering = (e, args, out) => {
  const below = e.temporary();
  less(e, args, below);
  not(e, below, out);
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
  e.loopUntil(
    () => {
      const done = e.temporary();
      e.emit("not", done, y);
      return done;
    },
    () => {
      const rest = e.temporary();
      e.emit("mod", rest, x, y);
      e.copy(x, y);
      e.copy(y, rest);
    },
  );
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

/** How each operation becomes instructions, on values 0..n-1; total over the op table. */
export const lowerings: { readonly [K in OpName]: Lowering | undefined } = {
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
  not: (e, [a], out) => not(e, e.register(a), out),
  "zero?": (e, [a], out) => not(e, e.register(a), out),
  "positive?": (e, [a], out) => {
    const isZero = e.temporary();
    unary("not")(e, [a], isZero);
    e.flag(isZero);
    not(e, isZero, out);
  },
  "negative?": (e, _args, out) => {
    e.emit("zero", out);
    e.flag(out);
  },
  "odd?": odd,
  "even?": (e, args, out) => {
    const isOdd = e.temporary();
    odd(e, args, isOdd);
    not(e, isOdd, out);
  },
  vec: none,
  ref: none,
  dot: none,
  cross: none,
  norm: none,
  normalize: none,
  vsum: none,
  vlen: none,
  scale: none,
  mat: none,
  matmul: none,
  matvec: none,
  transpose: none,
  trace: none,
  det: none,
  inv: none,
  outer: none,
  eye: none,
  zeros: none,
  ones: none,
};
