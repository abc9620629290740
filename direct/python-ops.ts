import type { GraphOp } from "./graph-ops.js";

/** The Python libraries that a program can be written for. */
export type Dialect = "torch" | "jax";

type Emit = (dialect: Dialect, ...args: string[]) => string;

const library = (dialect: Dialect) => (dialect === "torch" ? "torch" : "jnp");

/** A function of one name in PyTorch and another in JAX's NumPy. */
const call =
  (torch: string, jax = torch): Emit =>
  (dialect, ...args) =>
    `${library(dialect)}.${dialect === "torch" ? torch : jax}(${args.join(", ")})`;
/** No slope passes through a step, not even an infinite one times 0. */
const step =
  (torch: string, jax = torch): Emit =>
  (dialect, argument) =>
    dialect === "torch"
      ? `torch.${torch}(${argument.includes(" ") ? `(${argument})` : argument}.detach())`
      : `jnp.${jax}(lax.stop_gradient(${argument}))`;
const infix =
  (operator: string): Emit =>
  (_, a, b) =>
    `${a} ${operator} ${b}`;
const helper =
  (name: string): Emit =>
  (_, ...args) =>
    `${name}(${args.join(", ")})`;
/** JAX can't refuse an index while it traces: what is chosen by it is NaN, which the writer sees to. */
const position: Emit = (dialect, index, length) => (dialect === "torch" ? `_ref(${index}, ${length})` : index);
const bit = (dialect: Dialect, test: string) =>
  dialect === "torch" ? `(${test}).to(_number(0).dtype)` : `(${test}).astype(_number(0).dtype)`;
const test =
  (operator: string): Emit =>
  (dialect, a, b) =>
    bit(dialect, `${a} ${operator} ${b}`);
const testZero =
  (operator: string): Emit =>
  (dialect, a) =>
    bit(dialect, `${a} ${operator} 0`);

export const pythonOps: { readonly [K in GraphOp]: Emit } = {
  "chain*": helper("_chain"),
  "+": infix("+"),
  "-": infix("-"),
  "*": infix("*"),
  "/": infix("/"),
  expt: call("pow", "power"),
  // Both libraries' remainder has the sign of the divisor, and their fmod that of the dividend.
  modulo: call("remainder"),
  remainder: call("fmod"),
  quotient: (dialect, a, b) => step("trunc")(dialect, `${a} / ${b}`),
  gcd: helper("_gcd"),
  lcm: helper("_lcm"),
  min: call("minimum"),
  max: call("maximum"),
  // JAX's own has slope 1 at 0.
  abs: (dialect, a) => (dialect === "torch" ? `torch.abs(${a})` : `_abs(${a})`),
  square: (_, a) => `${a} * ${a}`,
  sqrt: call("sqrt"),
  exp: call("exp"),
  log: call("log"),
  sin: call("sin"),
  cos: call("cos"),
  tan: call("tan"),
  asin: call("asin", "arcsin"),
  acos: call("acos", "arccos"),
  atan: call("atan", "arctan"),
  atan2: call("atan2", "arctan2"),
  sinh: call("sinh"),
  cosh: call("cosh"),
  tanh: call("tanh"),
  floor: step("floor"),
  ceiling: step("ceil"),
  round: step("round"),
  truncate: step("trunc"),
  "=": test("=="),
  "<": test("<"),
  ">": test(">"),
  "<=": test("<="),
  ">=": test(">="),
  not: testZero("=="),
  "zero?": testZero("=="),
  "positive?": testZero(">"),
  "negative?": testZero("<"),
  "odd?": (dialect, a) => bit(dialect, `${library(dialect)}.abs(${library(dialect)}.fmod(${a}, _number(2))) == 1`),
  "even?": (dialect, a) => bit(dialect, `${library(dialect)}.fmod(${a}, _number(2)) == 0`),
  ref: position,
  update: position,
  // Strict mode, which has them, is refused.
  normalize: (_, length) => length,
  inv: (_, pivot) => pivot,
};

/** Euclid's algorithm on floats, as wholes of any size need it; NaN where an argument is not whole. */
const torchDivisor = `def _gcd(a, b):
    a, b = torch.broadcast_tensors(a.detach(), b.detach())
    whole = (a == torch.floor(a)) & (b == torch.floor(b)) & torch.isfinite(a) & torch.isfinite(b)
    x = torch.where(whole, torch.abs(a), 0)
    y = torch.where(whole, torch.abs(b), 0)
    while bool((y != 0).any()):
        x, y = torch.where(y != 0, y, x), torch.where(y != 0, torch.fmod(x, torch.where(y != 0, y, 1)), 0)
    return torch.where(whole, x, float("nan"))`;

const jaxDivisor = `def _gcd(a, b):
    a, b = jnp.broadcast_arrays(lax.stop_gradient(a), lax.stop_gradient(b))
    whole = (a == jnp.floor(a)) & (b == jnp.floor(b)) & jnp.isfinite(a) & jnp.isfinite(b)
    start = (jnp.where(whole, jnp.abs(a), 0), jnp.where(whole, jnp.abs(b), 0))

    def step(state):
        x, y = state
        return jnp.where(y != 0, y, x), jnp.where(y != 0, jnp.fmod(x, jnp.where(y != 0, y, 1)), 0)

    x, _ = lax.while_loop(lambda state: jnp.any(state[1] != 0), step, start)
    return jnp.where(whole, x, jnp.nan)`;

const multiple = (
  divisor: string,
  space: string,
  stopA: string,
  stopB: string,
) => `${divisor.replace("def _gcd", "def _lcm_gcd")}


def _lcm(a, b):
    a, b = ${stopA}, ${stopB}
    product = ${space}.abs(a / _lcm_gcd(a, b)) * ${space}.abs(b)
    return ${space}.where((a == 0) & (b == 0), _number(0), product)`;

const chain = (space: string) => `def _chain(a, b):
    return ${space}.where((a == 0) | (b == 0), _number(0), a * b)`;

const jaxAbsolute = `def _abs(a):
    return jnp.where(a == 0, jnp.abs(lax.stop_gradient(a)), jnp.abs(a))`;

const checkedIndex = `def _ref(index, length):
    if not (0 <= index < length and index == torch.floor(index)):
        raise IndexError(f"index {index.item()} is outside 0..{int(length.item()) - 1}")
    return index`;

/** Functions that the operations above call, written where they are used. */
export const pythonHelpers: Readonly<Record<Dialect, ReadonlyMap<string, string>>> = {
  torch: new Map([
    ["_gcd", torchDivisor],
    ["_lcm", multiple(torchDivisor, "torch", "a.detach()", "b.detach()")],
    ["_chain", chain("torch")],
    ["_ref", checkedIndex],
  ]),
  jax: new Map([
    ["_gcd", jaxDivisor],
    ["_lcm", multiple(jaxDivisor, "jnp", "lax.stop_gradient(a)", "lax.stop_gradient(b)")],
    ["_chain", chain("jnp")],
    ["_abs", jaxAbsolute],
  ]),
};
