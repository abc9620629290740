import { type CoreProgram, type Expression, type OpName, printNumber, specOf, type Value } from "../scheme/index.js";
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

/** What `run` gives, and how many runs of kernels it made that ended, and that gave up. */
export function watchKernels<T>(run: () => T): { readonly value: T; readonly ended: number; readonly gaveUp: number } {
  const { runInMemory } = WasmExecutor.prototype;
  let ended = 0;
  let gaveUp = 0;
  WasmExecutor.prototype.runInMemory = function (...args) {
    const done = runInMemory.apply(this, args);
    if (done) ended++;
    else gaveUp++;
    return done;
  };
  try {
    const value = run();
    return { value, ended, gaveUp };
  } finally {
    WasmExecutor.prototype.runInMemory = runInMemory;
  }
}
