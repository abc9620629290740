import { type CoreProgram, type Expression, type OpName, printNumber, specOf, type Value } from "../scheme/index.js";
import type { NestedNumbers } from "./shaped-values.js";
import { WasmExecutor } from "./wasm-executor.js";

/** A value of a run, and the name or literal that stands for it in the trace. */
interface Traced {
  readonly value: Value;
  readonly text: string;
}

/** What an expression comes to: a value, or another round of a loop. */
type Outcome = Traced | { readonly label: string; readonly args: readonly Traced[] };

/** An operation on values, elementwise if it is one on numbers. */
function meaning(op: OpName, args: readonly Value[]): Value {
  const { group, evaluate } = specOf(op);
  const f = evaluate as (...args: readonly Value[]) => Value;
  const lifted = (...items: readonly Value[]): Value => {
    const array = items.find((item): item is readonly number[] => typeof item !== "number");
    if (!array) return f(...items);
    const element = (i: number) => items.map((item) => (typeof item === "number" ? item : item[i]));
    return array.map((_, i) => lifted(...element(i))) as Value;
  };
  return group === "scalar" ? lifted(...args) : f(...args);
}

/**
 * The operations that a run of a program performs, as a program without control flow: what define-by-run differentiation
 * would differentiate. `observe` is told of each. For programs that end within a few thousand steps, a few calls deep.
 * Never part of the package.
 */
export function trace(
  program: CoreProgram,
  inputs: Readonly<Record<string, Value>>,
  observe: (op: OpName, args: readonly Value[]) => void = () => {},
): string {
  const bindings: string[] = [];
  const literal = (value: number): Traced => ({ value, text: printNumber(value) });

  const primitive = (op: OpName, traced: readonly Traced[]): Traced => {
    const args = traced.map((arg) => arg.value);
    observe(op, args);
    const text = `t${bindings.length}`;
    bindings.push(`(${text} (${[op, ...traced.map((arg) => arg.text)].join(" ")}))`);
    return { value: meaning(op, args), text };
  };

  const value = (expression: Expression, scope: Map<string, Traced>): Traced => {
    const outcome = run(expression, scope);
    if ("label" in outcome) throw new Error("recur is no value");
    return outcome;
  };

  const run = (expression: Expression, scope: Map<string, Traced>): Outcome => {
    switch (expression.kind) {
      case "constant":
        return literal(expression.value);
      case "variable":
        return scope.get(expression.name) ?? literal(Number.NaN);
      case "primitive": {
        const args = expression.args.map((arg) => value(arg, scope));
        const { spread } = specOf(expression.op);
        if (args.length <= 2 || (spread?.kind !== "fold" && spread?.kind !== "inverse"))
          return primitive(expression.op, args);
        return args.reduce((total, arg) => primitive(expression.op, [total, arg]));
      }
      case "if":
        return run(value(expression.test, scope).value !== 0 ? expression.consequent : expression.alternative, scope);
      case "let":
        scope.set(expression.name, value(expression.value, scope));
        return run(expression.body, scope);
      case "derivative":
        throw new Error("a trace is of programs without derivatives");
      case "call": {
        const f = program.functions.get(expression.callee);
        if (!f) throw new Error(`no function ${expression.callee}`);
        const args = expression.args.map((arg) => value(arg, scope));
        return run(f.body, new Map(f.parameters.map((name, i) => [name, args[i]])));
      }
      case "recur":
        return { label: expression.label, args: expression.args.map((arg) => value(arg, scope)) };
      case "loop": {
        let args: readonly Traced[] = expression.initial.map((arg) => value(arg, scope));
        for (;;) {
          for (const [i, name] of expression.variables.entries()) scope.set(name, args[i]);
          const outcome = run(expression.body, scope);
          if (!("label" in outcome) || outcome.label !== expression.label) return outcome;
          args = outcome.args;
        }
      }
    }
  };

  const scope = new Map(program.inputs.map((name): [string, Traced] => [name, { value: inputs[name], text: name }]));
  const result = value(program.body, scope);
  return `(let* (${bindings.join(" ")}) ${result.text})`;
}

const M = [
  [2, -1, 0.5],
  [0.25, 3, 1],
  [-1.5, 0.75, 1.25],
];
const values = { v: [0.5, -1.25, 2], M, x: 1.5 };

/** Those of the names that a program uses. */
const used = <T>(source: string, all: Readonly<Record<string, T>>): Record<string, T> =>
  Object.fromEntries(Object.entries(all).filter(([name]) => new RegExp(`\\b${name}\\b`).test(source)));

/** Programs on vectors and matrices, every operation on them among them, with the shapes of their inputs and values for these. */
export const arrayPrograms: readonly {
  readonly source: string;
  readonly shapes: Readonly<Record<string, readonly number[]>>;
  readonly inputs: Readonly<Record<string, NestedNumbers>>;
}[] = [
  "(dot v (vec x 2 -1))",
  "(norm v)",
  "(vsum (* v [x 1 2]))",
  "(ref v 2)",
  "(ref (ref M 1) 0)",
  "(trace (matmul M M))",
  "(det M)",
  "(vsum (matvec (inv M) v))",
  "(trace (outer v (normalize v)))",
  "(dot (cross v [1 x 2]) v)",
  "(+ (vlen v) (vsum (scale x v)))",
  "(trace (transpose (+ M (mat v v v))))",
  "(+ (vsum (zeros 2)) (trace (* x (eye 2))) (vsum (* x (ones 2))))",
  "(if (> x 0) (dot v v) (vsum v))",
  "(do ((i 0 (+ i 1)) (s 0 (+ s (* x (square (ref v i)))))) ((= i (vlen v)) s))",
  "(loop ((i 0) (u v)) (if (< i 3) (recur (+ i 1) (matvec M (tanh u))) (norm u)))",
  "(* (ref v (modulo (floor x) 3)) (ref (ref M (floor x)) 1))",
  "(scale x v)",
  "(vec 1 2 x)",
  "(- (outer v v) (scale x M))",
  "(transpose (matmul M (mat v [1 2 x] v)))",
  "(if (> x 0) (cross v [1 2 3]) v)",
  "(sin M)",
].map((source) => ({ source, shapes: used(source, { v: [3], M: [3, 3], x: [] }), inputs: used(source, values) }));

/** Whether a program gives the same operations for all inputs, so that it takes a batch where branches decide for one row. */
export const isStraight = (source: string): boolean => !/\((if|do|loop|det|inv)\b|ref \S+ \(/.test(source);
/** What `run` gives, and how many runs of kernels it made that ended, and that gave up. */
export function watchKernels<T>(run: () => T): { readonly value: T; readonly ended: number; readonly gaveUp: number } {
  const { run: through, runInMemory } = WasmExecutor.prototype;
  let ended = 0;
  let gaveUp = 0;
  const noted = (done: boolean): boolean => {
    if (done) ended++;
    else gaveUp++;
    return done;
  };
  WasmExecutor.prototype.run = function (...args) {
    return noted(through.apply(this, args));
  };
  WasmExecutor.prototype.runInMemory = function (...args) {
    return noted(runInMemory.apply(this, args));
  };
  try {
    const value = run();
    return { value, ended, gaveUp };
  } finally {
    WasmExecutor.prototype.run = through;
    WasmExecutor.prototype.runInMemory = runInMemory;
  }
}
