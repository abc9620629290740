import { type Budget, budgetOf, outOfFrames, outOfIterations } from "./budget.js";
import type { CoreProgram, Expression, FunctionDefinition } from "./core.js";
import {
  applyToDuals,
  asVariable,
  type DualValue,
  derivativeShape,
  elementwise,
  hasSlopes,
  isNumber,
  mapNumbers,
  plainNumber,
  plainValue,
  shapeOf,
  slopesAt,
} from "./duals.js";
import { BudgetError, DomainError, SoftmachineError, SourceError } from "./errors.js";
import { checkNames, checkValue } from "./inputs.js";
import { isScalarOp, type OpName, scalarMeaning, specOf, type Value } from "./ops.js";
import { describe, type Shape } from "./shapes.js";

export interface ReferenceOptions extends Partial<Budget> {
  /** Every constant, input and result is taken modulo this, as the register machine does; what is not finite becomes 0. */
  readonly modulus?: number;
  /** `strict` throws where an operation leaves its domain; `ieee`, the default, goes on with infinities and NaN. */
  readonly domain?: "ieee" | "strict";
}

type Environment = Map<string, DualValue>;
type Definition = FunctionDefinition<Expression>;
type Operands = Extract<Expression, { kind: "primitive" | "call" | "loop" | "recur" }>;

/** What remains to be done with the value of the expression at hand. */
type Continuation =
  | { readonly kind: "operands"; readonly node: Operands; readonly values: DualValue[] }
  | { readonly kind: "branch"; readonly node: Extract<Expression, { kind: "if" }> }
  | { readonly kind: "bind"; readonly node: Extract<Expression, { kind: "let" }> }
  | {
      readonly kind: "slopes";
      readonly node: Extract<Expression, { kind: "derivative" }>;
      /** The level and shape of the variable. */
      readonly level: number;
      readonly shape: Shape;
    }
  | { readonly kind: "return"; readonly environment: Environment };

type Loop = Extract<Expression, { kind: "loop" }>;

const operandsOf = (node: Operands) => (node.kind === "loop" ? node.initial : node.args);

/**
 * The value of a program: the definition of the language, slow and obvious. It walks the core with a stack of its own, so
 * that the depth of recursion depends on the budget alone, and a tail call takes no frame.
 * @throws SoftmachineError for missing or extra inputs, DomainError in strict mode, BudgetError past the budget.
 */
export function evaluateReference(
  program: CoreProgram,
  inputs: Readonly<Record<string, Value>>,
  options: ReferenceOptions = {},
): Value {
  checkNames(program.inputs, Object.keys(inputs));
  for (const name of program.inputs) checkValue(name, inputs[name]);
  const { iterations, frames } = budgetOf(options);
  const { modulus } = options;
  const wrap = wrapping(modulus);
  const { domain = "ieee" } = options;
  if (domain !== "ieee" && domain !== "strict")
    throw new SoftmachineError(`domain must be "ieee" or "strict", not ${JSON.stringify(domain)}`);
  const loops = loopsOf(program);
  const stack: Continuation[] = [];
  let environment: Environment = new Map(program.inputs.map((name) => [name, mapNumbers(inputs[name], wrap)]));
  let expression: Expression = program.body;
  let remaining = iterations;
  let depth = 0;
  let level = 0;

  const iterate = () => {
    if (--remaining < 0) throw new BudgetError(outOfIterations(iterations));
  };
  const enter = (f: Definition, values: readonly DualValue[]) => {
    iterate();
    // A call whose continuation is a return is a tail call: the caller's environment is done with.
    if (stack.length > 0 && stack[stack.length - 1].kind !== "return") {
      if (++depth > frames) throw new BudgetError(outOfFrames(frames));
      stack.push({ kind: "return", environment });
    }
    environment = new Map(f.parameters.map((name, i) => [name, values[i]]));
    expression = f.body;
  };

  for (;;) {
    let value: DualValue;
    switch (expression.kind) {
      case "constant":
        value = wrap(expression.value);
        break;
      case "variable":
        value = environment.get(expression.name) ?? unbound(expression.name);
        break;
      case "if":
        stack.push({ kind: "branch", node: expression });
        expression = expression.test;
        continue;
      case "let":
        stack.push({ kind: "bind", node: expression });
        expression = expression.value;
        continue;
      case "derivative": {
        if (modulus !== undefined)
          throw new SourceError("numbers modulo n have no derivative", program.source, expression.span);
        const at = environment.get(expression.at.name) ?? unbound(expression.at.name);
        stack.push({ kind: "slopes", node: expression, level: ++level, shape: shapeOf(at) });
        environment.set(expression.variable, asVariable(at, level));
        expression = expression.body;
        continue;
      }
      default: {
        const operands = operandsOf(expression);
        if (operands.length > 0) {
          stack.push({ kind: "operands", node: expression, values: [] });
          expression = operands[0];
          continue;
        }
        if (expression.kind === "call") {
          enter(functionNamed(program, expression.callee), []);
          continue;
        }
        if (expression.kind === "primitive") throw new Error(`${expression.op} without arguments`);
        // A loop without variables.
        iterate();
        expression = expression.kind === "loop" ? expression.body : loopNamed(loops, expression.label).body;
        continue;
      }
    }
    // A value is known: give it to what waits for it, until that asks for another expression.
    for (let next: Expression | undefined; next === undefined; ) {
      const continuation = stack.pop();
      if (continuation === undefined) return plainValue(value);
      switch (continuation.kind) {
        case "return":
          environment = continuation.environment;
          depth--;
          break;
        case "branch":
          next = isTrue(program, continuation.node, value)
            ? continuation.node.consequent
            : continuation.node.alternative;
          expression = next;
          break;
        case "slopes": {
          const shape = derivativeShape(shapeOf(value), continuation.shape);
          if (typeof shape === "string") throw new SourceError(shape, program.source, continuation.node.span);
          value = slopesAt(value, continuation.level, continuation.shape);
          break;
        }
        case "bind":
          environment.set(continuation.node.name, value);
          next = continuation.node.body;
          expression = next;
          break;
        case "operands": {
          const { node, values } = continuation;
          const operands = operandsOf(node);
          values.push(value);
          if (values.length < operands.length) {
            stack.push(continuation);
            next = operands[values.length];
            expression = next;
          } else if (node.kind === "primitive") {
            value = apply(program, node, values, wrap, domain);
          } else if (node.kind === "call") {
            enter(functionNamed(program, node.callee), values);
            next = expression;
          } else {
            const loop = node.kind === "loop" ? node : loopNamed(loops, node.label);
            iterate();
            for (const [i, name] of loop.variables.entries()) environment.set(name, values[i]);
            next = loop.body;
            expression = next;
          }
        }
      }
    }
  }
}

function isTrue(program: CoreProgram, { test }: Extract<Expression, { kind: "if" }>, value: DualValue): boolean {
  if (isNumber(value)) return plainNumber(value) !== 0;
  throw new SourceError(`a test must be a number, not ${describeValue(value)}`, program.source, test.span);
}

function unbound(name: string): never {
  throw new Error(`unbound variable ${name}`);
}

function functionNamed(program: CoreProgram, name: string): Definition {
  const f = program.functions.get(name);
  if (!f) throw new Error(`no function ${name}`);
  return f;
}

function loopNamed(loops: ReadonlyMap<string, Loop>, label: string): Loop {
  const loop = loops.get(label);
  if (!loop) throw new Error(`no loop ${label}`);
  return loop;
}

/** Products of two numbers below it are exact. */
const largestModulus = 2 ** 26;

function wrapping(modulus: number | undefined): (x: number) => number {
  if (modulus === undefined) return (x) => x;
  if (!Number.isInteger(modulus) || modulus < 2 || modulus > largestModulus)
    throw new SoftmachineError(`the modulus must be a whole number from 2 to ${largestModulus}, not ${modulus}`);
  return (x) => {
    if (!Number.isFinite(x)) return 0;
    const r = x % modulus;
    return r < 0 ? r + modulus : r + 0;
  };
}

function apply(
  program: CoreProgram,
  node: Extract<Expression, { kind: "primitive" }>,
  values: readonly DualValue[],
  wrap: (x: number) => number,
  domain: ReferenceOptions["domain"],
): DualValue {
  const spec = specOf(node.op);
  const checked = spec.shape(
    values.map(shapeOf),
    values.map((value) => (isNumber(value) ? plainNumber(value) : undefined)),
  );
  if (typeof checked === "string") throw new SourceError(`"${node.op}": ${checked}`, program.source, node.span);
  const pairwise = spec.spread?.kind === "fold" || spec.spread?.kind === "inverse";
  const step = (...args: readonly DualValue[]): DualValue => {
    const plain = args.map(plainValue);
    if (domain === "strict") checkDomain(program, node, plain);
    if (args.some(hasSlopes)) return applyToDuals(node.op, args);
    return mapNumbers(applyPlain(node.op, plain), wrap);
  };
  if (!pairwise) return step(...values);
  return values.slice(1).reduce((total, value) => step(total, value), values[0]);
}

function applyPlain(op: OpName, args: readonly Value[]): Value {
  if (isScalarOp(op)) return elementwise((...numbers) => scalarMeaning(op)(...numbers), args);
  return (specOf(op).evaluate as (...args: Value[]) => Value)(...args);
}

function checkDomain(
  program: CoreProgram,
  node: Extract<Expression, { kind: "primitive" }>,
  args: readonly Value[],
): void {
  const { outside, degenerate } = specOf(node.op);
  const holds = degenerate?.holds as ((array: Value) => boolean) | undefined;
  if (degenerate && holds?.(args[0]))
    throw new DomainError(domainFault(node.op, degenerate.what, program.source.at(node.span), []));
  if (!outside) return;
  const check = (...numbers: readonly number[]) => {
    const fault = outside(...numbers);
    if (fault) throw new DomainError(domainFault(node.op, fault, program.source.at(node.span), numbers));
    return 0;
  };
  elementwise(check, args);
}

/** The message of strict mode: the operation, where it stands, and with which arguments if they are numbers. */
export function domainFault(op: OpName, fault: string, at: string, args: readonly number[]): string {
  const what = `"${op}" at ${at}: ${fault}`;
  return args.length === 0 ? what : `${what}, in (${op} ${args.join(" ")})`;
}

function loopsOf(program: CoreProgram): Map<string, Loop> {
  const loops = new Map<string, Loop>();
  const work: Expression[] = [program.body, ...[...program.functions.values()].map((f) => f.body)];
  for (let node = work.pop(); node; node = work.pop()) {
    switch (node.kind) {
      case "primitive":
      case "call":
      case "recur":
        for (const arg of node.args) work.push(arg);
        break;
      case "if":
        work.push(node.test, node.consequent, node.alternative);
        break;
      case "let":
        work.push(node.value, node.body);
        break;
      case "derivative":
        work.push(node.body);
        break;
      case "loop":
        loops.set(node.label, node);
        for (const value of node.initial) work.push(value);
        work.push(node.body);
        break;
    }
  }
  return loops;
}

/** A value's shape in words. */
export const describeValue = (value: DualValue) => describe(shapeOf(value));
