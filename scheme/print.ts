import type { AnfProgram, Atom, Block, Computation, Tail } from "./a-normal-form.js";
import type { CoreProgram, Expression } from "./core.js";
import type { Value } from "./ops.js";
import { withinStack } from "./program.js";

/** A number as the reader reads it back. */
export function printNumber(value: number): string {
  if (Number.isNaN(value)) return "+nan.0";
  if (!Number.isFinite(value)) return value > 0 ? "+inf.0" : "-inf.0";
  return Object.is(value, -0) ? "-0.0" : String(value);
}

/** A value as the language writes it. */
export function printValue(value: Value): string {
  if (typeof value === "number") return printNumber(value);
  return `[${value.map((item: Value) => printValue(item)).join(" ")}]`;
}

/** What a line of printed text can hold before it is broken. */
const width = 96;

/** A list of items that are already text: on one line if it fits, else one item a line. */
function list(items: readonly string[], head = 1): string {
  const line = `(${items.join(" ")})`;
  if (line.length <= width && !line.includes("\n")) return line;
  const rest = items.slice(head).map((item) => `\n  ${item.replaceAll("\n", "\n  ")}`);
  return `(${items.slice(0, head).join(" ")}${rest.join("")})`;
}

/** Bindings below one another, where `before` is what stands before them on the line. */
function bindingList(before: string, pairs: readonly (readonly [string, string])[]): string {
  const indent = `\n${" ".repeat(before.length + 1)}`;
  return `(${pairs.map(([name, value]) => `(${name} ${value.replaceAll("\n", `${indent}  `)})`).join(indent)})`;
}

/** What a derivative is with respect to has a name of its own, so that it can be told from the variable outside. */
const derivative = (variable: string, at: string, body: string) =>
  list(["let*", bindingList("(let* ", [[variable, at]]), list(["derivative", body, variable])], 2);

function expression(node: Expression): string {
  switch (node.kind) {
    case "constant":
      return printNumber(node.value);
    case "variable":
      return node.name;
    case "primitive":
      return list([node.op, ...node.args.map(expression)]);
    case "call":
      return list(["call", node.callee, ...node.args.map(expression)], 2);
    case "recur":
      return list(["recur", node.label, ...node.args.map(expression)], 2);
    case "if":
      return list(["if", expression(node.test), expression(node.consequent), expression(node.alternative)], 2);
    case "let": {
      const pairs: [string, string][] = [];
      let rest: Expression = node;
      for (; rest.kind === "let"; rest = rest.body) pairs.push([rest.name, expression(rest.value)]);
      return list(["let*", bindingList("(let* ", pairs), expression(rest)], 2);
    }
    case "derivative":
      return derivative(node.variable, expression(node.at), expression(node.body));
    case "loop": {
      const pairs = node.variables.map((name, i) => [name, expression(node.initial[i])] as const);
      return list(["loop", node.label, bindingList(`(loop ${node.label} `, pairs), expression(node.body)], 3);
    }
  }
}

const atom = (node: Atom) => (node.kind === "constant" ? printNumber(node.value) : node.name);

function computation(node: Computation | Tail): string {
  switch (node.kind) {
    case "return":
      return atom(node.value);
    case "primitive":
      return list([node.op, ...node.args.map(atom)]);
    case "call":
      return list(["call", node.callee, ...node.args.map(atom)], 2);
    case "recur":
      return list(["recur", node.label, ...node.args.map(atom)], 2);
    case "if":
      return list(["if", atom(node.test), block(node.consequent), block(node.alternative)], 2);
    case "derivative":
      return derivative(node.variable, atom(node.at), block(node.body));
    case "loop": {
      const pairs = node.variables.map((name, i) => [name, atom(node.initial[i])] as const);
      return list(["loop", node.label, bindingList(`(loop ${node.label} `, pairs), block(node.body)], 3);
    }
  }
}

function block({ bindings, tail }: Block): string {
  if (bindings.length === 0) return computation(tail);
  const pairs = bindings.map(({ name, value }) => [name, computation(value)] as const);
  return list(["let*", bindingList("(let* ", pairs), computation(tail)], 2);
}

/** A core program as text: each function, then the body. */
export function printCore(program: CoreProgram): string {
  return withinStack(program.source, () => {
    const functions = [...program.functions.values()].map((f) =>
      list(["define", `(${[f.name, ...f.parameters].join(" ")})`, expression(f.body)], 2),
    );
    return [...functions, expression(program.body)].join("\n\n");
  });
}

/** A program in A-normal form as text. */
export function printAnf(program: AnfProgram): string {
  return withinStack(program.source, () => {
    const functions = [...program.functions.values()].map((f) =>
      list(["define", `(${[f.name, ...f.parameters].join(" ")})`, block(f.body)], 2),
    );
    return [...functions, block(program.body)].join("\n\n");
  });
}
