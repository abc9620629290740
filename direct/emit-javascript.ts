import { type Budget, type OpName, outOfFrames, outOfIterations, type Shape, specOf } from "../scheme/index.js";
import type { Graph } from "./graph.js";
import { JavascriptWriter } from "./graph-to-javascript.js";
import type { Interface } from "./shaped-values.js";
import { frameSize, heldValues, shallowDepth, tooLarge } from "./slots.js";

/** What a program's code calls, as text: the op table's own functions, where JavaScript has none that is the same. */
const meanings: { readonly [K in OpName]?: string } = {
  expt: `(x, y) => (x === 1 || (x === -1 && Math.abs(y) === Infinity) ? 1 : x ** y)`,
  modulo: `(a, b) => { const r = a % b; return r === 0 ? 0 : r < 0 === b < 0 ? r : r + b; }`,
  remainder: `(a, b) => { const r = a % b; return r === 0 ? 0 : r; }`,
  gcd: `(a, b) => {
    if (!Number.isInteger(a) || !Number.isInteger(b)) return NaN;
    let [x, y] = [Math.abs(a), Math.abs(b)];
    while (y !== 0) [x, y] = [y, x % y];
    return x;
  }`,
  lcm: `(a, b) => (a === 0 && b === 0 ? 0 : Math.abs(a / h.gcd(a, b)) * Math.abs(b))`,
  round: `(x) => {
    const floor = Math.floor(x);
    if (x - floor !== 0.5) return Math.round(x);
    return floor % 2 === 0 ? floor : floor === -1 ? -0 : floor + 1;
  }`,
  "odd?": `(x) => (Math.abs(x % 2) === 1 ? 1 : 0)`,
  "even?": `(x) => (x % 2 === 0 ? 1 : 0)`,
};

const byZero = `(a, b) => (b === 0 ? "division by zero" : undefined)`;
const notWhole = `(...args) => (args.every(Number.isInteger) ? undefined : "arguments must be whole numbers")`;
const beyondOne = `(x) => (Math.abs(x) > 1 ? "argument outside [-1, 1]" : undefined)`;

const outsideArray = `(index, length) =>
    Number.isInteger(index) && index >= 0 && index < length
      ? undefined
      : "index " + index + " is outside 0.." + (length - 1)`;

const degenerate = (op: OpName) => `(x) => (x === 0 ? ${JSON.stringify(specOf(op).degenerate?.what)} : undefined)`;

/** The op table's `outside`, as text. */
const outside: { readonly [K in OpName]?: string } = {
  "/": byZero,
  modulo: byZero,
  remainder: byZero,
  quotient: byZero,
  gcd: notWhole,
  lcm: notWhole,
  asin: beyondOne,
  acos: beyondOne,
  sqrt: `(x) => (x < 0 ? "square root of a negative number" : undefined)`,
  log: `(x) => (x > 0 || Number.isNaN(x) ? undefined : "logarithm of a number that is not positive")`,
  normalize: degenerate("normalize"),
  inv: degenerate("inv"),
  ref: outsideArray,
  update: outsideArray,
  expt: `(x, y) =>
      x < 0 && Number.isFinite(y) && !Number.isInteger(y)
        ? "fractional power of a negative number"
        : x === 0 && y < 0 ? "negative power of zero" : undefined`,
};

const driver = (budget: Budget) => `class TailCall {
  constructor(callee, args) { this.callee = callee; this.args = args; }
}

/** Runs calls that hold \`size\` values each on a stack of its own, so that recursion may be deeper than JavaScript's. */
const driver = (size) => (callee, args, depth) => {
  const stack = [];
  let current = callee(...args);
  let value;
  for (;;) {
    const step = current.next(value);
    value = undefined;
    if (!step.done) {
      stack.push(current);
      if (stack.length + depth > ${budget.frames}) throw new Error(${JSON.stringify(outOfFrames(budget.frames))});
      if (stack.length * size > ${heldValues})
        throw new Error("recursion " + stack.length + " frames deep, of " + size + " values each, takes too much memory");
      current = step.value[0](...step.value[1]);
    } else if (step.value instanceof TailCall) current = step.value.callee(...step.value.args);
    else {
      value = step.value;
      const caller = stack.pop();
      if (!caller) return value;
      current = caller;
    }
  }
};
`;

const indented = (text: string) => text.replace(/^(?=.)/gm, "  ");
const literal = (value: number) => (Object.is(value, -0) ? "-0" : String(value));

/** A value of this shape as TypeScript has it; `given` is what is taken for one. */
function typeOf(shape: Shape, given = false): string {
  const [length, ...rest] = shape;
  if (length === undefined) return "number";
  return given ? `ArrayLike<${typeOf(rest, given)}>` : `${typeOf(rest)}[]`;
}

/** A name as a key of an object's type. No comment ends within it: names have no stars before slashes left. */
const keyOf = (name: string) => JSON.stringify(name).replace(/\*\//g, "*\\/");

const recordType = (entries: readonly string[]) => (entries.length === 0 ? "{}" : `{ ${entries.join(", ")} }`);

/** What `evaluate` and `gradient` take: parameters may be left out. */
const givenType = ({ names, shapes, parameters }: Interface) =>
  recordType(
    names.map((name, i) => `${keyOf(name)}${Object.hasOwn(parameters, name) ? "?" : ""}: ${typeOf(shapes[i], true)}`),
  );

const resultType = ({ names, shapes }: Interface) =>
  recordType(names.map((name, i) => `${keyOf(name)}: ${typeOf(shapes[i])}`));

/** Nothing need be given where every input has a value. */
const isOptional = ({ names, parameters }: Interface) =>
  names.every((name) => Object.hasOwn(parameters, name)) ? "?" : "";

const argumentsText = (
  face: Interface,
) => `const isList = (x) => Array.isArray(x) || (ArrayBuffer.isView(x) && "length" in x);

function flatten(name, shape, x, row) {
  if (shape.length === 0) {
    if (typeof x !== "number") throw new Error("input " + JSON.stringify(name) + " must be a number");
    row.push(x);
    return;
  }
  if (!isList(x) || x.length !== shape[0])
    throw new Error("input " + JSON.stringify(name) + " must have shape [" + shapes[inputs.indexOf(name)].join(", ") + "]");
  for (const item of x) flatten(name, shape.slice(1), item, row);
}

const sizeOf = (shape) => shape.reduce((size, length) => size * length, 1);

function nest(shape, numbers, offset) {
  if (shape.length === 0) return numbers[offset];
  const [length, ...rest] = shape;
  return Array.from({ length }, (_, i) => nest(rest, numbers, offset + i * sizeOf(rest)));
}

function row(given) {
  for (const name of Object.keys(given))
    if (!inputs.includes(name)) throw new Error("unknown input " + JSON.stringify(name));
  const numbers = [];
  for (const [i, name] of inputs.entries()) {
    const from = Object.hasOwn(given, name) ? given : parameters;
    if (!Object.hasOwn(from, name)) throw new Error("missing input " + JSON.stringify(name));
    flatten(name, shapes[i], from[name], numbers);
  }
  return numbers;
}

/**
 * The program's value for inputs by name.
 * @type {(given${isOptional(face)}: ${givenType(face)}) => ${typeOf(face.shape)}}
 */
export function evaluate(given = {}) {
  return nest(valueShape, [value(...row(given))].flat(), 0);
}
`;

const gradientText = (face: Interface) => `
/**
 * Its value, and its slope in each input.
 * @type {(given${isOptional(face)}: ${givenType(face)}) => { value: number, gradient: ${resultType(face)} }}
 */
export function gradient(given = {}) {
  const results = [valueAndSlopes(...row(given))].flat();
  let offset = 1;
  const slopes = inputs.map((name, i) => {
    const slope = nest(shapes[i], results, offset);
    offset += sizeOf(shapes[i]);
    return [name, slope];
  });
  return { value: results[0], gradient: Object.fromEntries(slopes) };
}
`;

/**
 * A program as one ES module without dependencies: `evaluate(inputs)` and, of a program whose value is a number,
 * `gradient(inputs)`, with inputs by name, bit-equal to the module's own.
 *
 * @param value the graph of its value.
 * @param slopes that of its value and its slope in each input; none for a program whose value is an array.
 */
export function emitJavascript(value: Graph, slopes: Graph | undefined, face: Interface, budget: Budget): string {
  const functions = [value, ...(slopes ? [slopes] : [])].map((graph) => {
    const writer = new JavascriptWriter(graph);
    return { graph, code: writer.single(), checks: writer.checks };
  });
  const code = functions.map((one) => one.code).join("\n");
  const uses = (op: OpName): boolean => code.includes(`h[${JSON.stringify(op)}]`) || (op === "gcd" && uses("lcm"));
  const entries: string[] = [];
  for (const [op, text] of Object.entries(meanings) as [OpName, string][])
    if (uses(op)) entries.push(`${JSON.stringify(op)}: ${text}`);
  if (code.includes("h.iterations")) {
    entries.push(`iterations: ${budget.iterations}`);
    if (code.includes("h.outOfIterations")) {
      const message = JSON.stringify(outOfIterations(budget.iterations));
      entries.push(`outOfIterations() { throw new Error(${message}); }`);
    }
  }
  const recurs = code.includes("h.drive");
  if (recurs) entries.push("TailCall");
  entries.push(`explain: (error) => (error instanceof RangeError ? new Error(${JSON.stringify(tooLarge)}) : error)`);
  const checked = [...new Set(functions.flatMap(({ checks }) => checks.map(({ op }) => op)))];
  const domain =
    checked.length === 0
      ? ""
      : `const outside = {\n${checked.map((op) => `  ${JSON.stringify(op)}: ${outside[op]},`).join("\n")}\n};
/** Refuses arguments outside an operation's domain. */
const checker = (places) => (place, ...args) => {
  const [op, at, shows] = places[place];
  const fault = outside[op](...args);
  if (fault)
    throw new Error('"' + op + '" at ' + at + ": " + fault + (shows ? ", in (" + [op, ...args].join(" ") + ")" : ""));
};\n\n`;
  const instance = (i: number) => {
    const { graph, code: body, checks } = functions[i];
    const places = checks.map(({ op, span, shows }) => [op, graph.source.at(span), shows]);
    const size = frameSize(graph);
    const own = [
      ...(code.includes("h.drive") ? [`shallow: ${shallowDepth(budget, size)}`, `drive: driver(${size})`] : []),
      ...(checks.length > 0 ? [`check: checker(${JSON.stringify(places)})`] : []),
    ];
    const helpers = own.length > 0 ? `{ ...h, ${own.join(", ")} }` : "h";
    return `((h, fround) => {\n${indented(body.replace(/^"use strict";\n/, ""))}\n})(${helpers}, Math.fround)`;
  };
  const defaults = Object.entries(face.parameters).map(([name, x]) => `[${JSON.stringify(name)}, ${literal(x)}]`);
  return `// Made by softmachine from ${JSON.stringify(value.source.name)}. It needs nothing else.

/**
 * The inputs' names, in order.
 * @type {readonly string[]}
 */
export const inputs = ${JSON.stringify(face.names)};
/**
 * Their shapes: [] for a number, [n] for a vector, [rows, columns] for a matrix.
 * @type {readonly (readonly number[])[]}
 */
export const shapes = ${JSON.stringify(face.shapes)};
/**
 * Values that stand where none is given.
 * @type {Readonly<Record<string, number>>}
 */
export const parameters = Object.fromEntries([${defaults.join(", ")}]);
const valueShape = ${JSON.stringify(face.shape)};

${recurs ? `${driver(budget)}\n` : ""}${domain}const h = {${entries.length > 0 ? `\n${indented(entries.join(",\n"))},\n` : ""}};

const value = ${instance(0)};

${slopes ? `const valueAndSlopes = ${instance(1)};\n\n` : ""}${argumentsText(face)}${slopes ? gradientText(face) : ""}`;
}
