import {
  type OpName,
  SoftmachineError,
  type Source,
  type Span,
  specOf,
  suggestion,
  withinStack,
} from "../scheme/index.js";
import { GraphContext, RegionBuilder } from "./builder.js";
import { Algebra, partialDerivative } from "./derivative-rules.js";
import {
  type Explanation,
  type Extent,
  type Fault,
  type FlatReason,
  greatest,
  type Kink,
  type Place,
  type Ranges,
} from "./explanation.js";
import { type Graph, type Node, operandsOf, outputsOf, type Region, regionsOf, type ValueId } from "./graph.js";
import { checkOf } from "./graph-ops.js";
import { contains, empty, hasNumbers, type Interval, interval, join, only, point } from "./interval.js";
import { IntervalAnalysis, type Occurrence } from "./interval-analysis.js";
import { intervalOf } from "./interval-ops.js";
import { gradientGraph } from "./reverse-mode.js";

type OpNode = Extract<Node, { kind: "op" }>;
type Occurrences = ReadonlyMap<OpNode, Occurrence>;

/** The numbers that an input is made of, by the names that the graph has for them; one for a number. */
type Elements = Readonly<Record<string, readonly string[]>>;

function checkedRanges(elements: Elements, ranges: Ranges, parameters: Readonly<Record<string, number>>) {
  const names = Object.keys(elements);
  for (const name of Object.keys(ranges))
    if (!names.includes(name)) throw new SoftmachineError(`unknown input "${name}"${suggestion(name, names)}`);
  return names.flatMap((name) => {
    const value = Object.hasOwn(parameters, name) && !Number.isNaN(parameters[name]) ? parameters[name] : undefined;
    const range = checkedRange(name, Object.hasOwn(ranges, name) ? ranges[name] : value);
    return elements[name].map(() => range);
  });
}

function checkedRange(name: string, given: Ranges[string] | undefined): readonly [number, number] {
  if (given === undefined) return [-greatest, greatest];
  const [low, high] = typeof given === "number" ? [given, given] : Array.isArray(given) ? given : [];
  if (typeof low !== "number" || typeof high !== "number" || !(low <= high))
    throw new SoftmachineError(
      `the range of input "${name}" must be a number or [low, high] with low at most high, not ${JSON.stringify(given)}`,
    );
  return [low, high];
}

/** Numbers of an interval among which one is outside an operation's domain if any is: ends, zero, a fraction, and NaN. */
function witnesses(a: Interval): number[] {
  const inner = [a.low, a.high, 0];
  if (!a.whole) inner.push(0.5, Math.trunc(a.low) + 0.5, Math.trunc(a.high) - 0.5, (a.low + a.high) / 2);
  inner.push(a.low + Math.abs(a.low) * 2 ** -52, a.high - Math.abs(a.high) * 2 ** -52);
  const numbers = inner.filter((x) => contains(a, x) && !Number.isNaN(x));
  // Of whole numbers the fractions in between are none.
  const kept = a.whole ? numbers.filter((x) => Number.isInteger(x) || !Number.isFinite(x)) : numbers;
  return [...new Set(kept), ...(a.nan ? [Number.NaN] : [])];
}

/** What may be wrong with an operation's arguments, and which of them is to blame. */
function faultOf(
  op: OpName,
  args: readonly Interval[],
  dtype: "float64" | "float32",
): { what: string; argument: number } | undefined {
  const outside = checkOf({ dtype, domain: "strict" }, op, { start: 0, end: 0 })?.outside;
  if (!outside) return undefined;
  const samples = args.map(witnesses);
  const combinations = samples.reduce<number[][]>(
    (all, one) => all.flatMap((head) => one.map((x) => [...head, x])),
    [[]],
  );
  for (const row of combinations) {
    const what = outside(...row);
    if (what === undefined) continue;
    const blamed = row.findIndex((_, i) => outside(...row.map((x, k) => (k === i ? 1 : x))) === undefined);
    return { what, argument: Math.max(0, blamed) };
  }
  return undefined;
}

const allFinite = (a: Interval) => !a.nan && (!hasNumbers(a) || (a.low > -Infinity && a.high < Infinity));

/** Whether an operation that is not smooth may meet its kink or jump. */
function isReached(op: OpName, { args, value }: Occurrence, same: boolean, dtype: "float64" | "float32"): boolean {
  if (specOf(op).derivative === "step") return hasNumbers(value) ? value.low !== value.high : false;
  const [a, b] = args;
  switch (op) {
    case "abs":
      return contains(a, 0);
    case "min":
    case "max":
      return !same && a.low <= b.high && b.low <= a.high;
    case "modulo":
    case "remainder": {
      const quotient = intervalOf("/", args, same, dtype);
      const whole = intervalOf(op === "modulo" ? "floor" : "truncate", [quotient], false, dtype);
      return only(whole) === undefined;
    }
    default:
      return true;
  }
}

const longestText = 60;

function placeOf(source: Source, op: OpName, span: Span): Place {
  const { line, column } = source.position(span.start);
  const text = source.text.slice(span.start, span.end).replace(/\s+/g, " ");
  const short = text.length > longestText ? `${text.slice(0, longestText - 1)}…` : text;
  return { op, line, column, text: short };
}

/**
 * An operation of the program, in all of its occurrences: a function written in place twice has two. One on arrays has those
 * of its parts, too, as an operation by itself.
 */
interface Operation extends Place {
  readonly isParts: boolean;
  readonly nodes: OpNode[];
  readonly all: Occurrence[];
}

/** The program's own operations in the order of its text. */
function operationsOf(source: Source, occurrences: Occurrences): Operation[] {
  const found = new Map<string, { span: Span; operation: Operation }>();
  for (const [node, occurrence] of occurrences) {
    const isParts = node.span === undefined;
    const { op, span } = isParts ? (node.origin ?? node) : node;
    if (!span || op === "chain*") continue;
    const key = `${op} ${span.start} ${span.end} ${isParts}`;
    const known = found.get(key);
    if (known) {
      known.operation.nodes.push(node);
      known.operation.all.push(occurrence);
    } else
      found.set(key, { span, operation: { ...placeOf(source, op, span), isParts, nodes: [node], all: [occurrence] } });
  }
  const inOrder = [...found.values()].sort((a, b) => a.span.start - b.span.start || b.span.end - a.span.end);
  return inOrder.map(({ operation }) => operation);
}

/** Whether an operation's slope may be infinite or undefined although its value is neither. */
function isSteep(graph: Graph, node: OpNode, { args, value }: Occurrence, constants: ReadonlySet<ValueId>): boolean {
  if (!allFinite(value)) return false;
  const context = new GraphContext(graph.arithmetic);
  const builder = new RegionBuilder(context);
  const parameters = args.map(() => builder.parameter());
  const given = args.map((arg, i) => {
    const constant = constants.has(node.args[i]) ? only(arg) : undefined;
    return constant === undefined ? parameters[i] : builder.constant(constant);
  });
  const result = builder.op(node.op, given);
  const slopes = given.flatMap((id, i) => {
    const partial = id === parameters[i] ? partialDerivative(node.op, i) : undefined;
    return partial ? [partial(new Algebra(builder), given, result)] : [];
  });
  const { source, arithmetic } = graph;
  const main = builder.finish(parameters, slopes);
  const rule: Graph = { source, arithmetic, inputs: [], main, functions: new Map(), size: context.size };
  return !new IntervalAnalysis(rule).run(args).results.every(allFinite);
}

function constantsOf(graph: Graph): Set<ValueId> {
  const constants = new Set<ValueId>();
  const scan = (region: Region) => {
    for (const node of region.nodes) {
      if (node.kind === "constant") constants.add(node.output);
      for (const inner of regionsOf(node)) scan(inner);
    }
  };
  for (const region of [graph.main, ...graph.functions.values()]) scan(region);
  return constants;
}

const extent = (a: Interval): Extent => ({
  ...(hasNumbers(a) && { range: [a.low, a.high] as const }),
  mayBeNaN: a.nan,
});

/** Whether a result depends on a value at all, be it through a test. */
function reaches(graph: Graph, id: ValueId): boolean {
  const touched = new Set([id]);
  let grows = true;
  const touch = (ids: readonly ValueId[]) => {
    for (const one of ids) {
      if (touched.has(one)) continue;
      touched.add(one);
      grows = true;
    }
  };
  const isTouched = (one: ValueId) => touched.has(one);
  const flow = (from: readonly ValueId[], to: readonly ValueId[]) => touch(to.filter((_, i) => isTouched(from[i])));
  const scan = (region: Region) => {
    for (const node of region.nodes) {
      for (const inner of regionsOf(node)) scan(inner);
      if (node.kind === "if") for (const side of regionsOf(node)) flow(side.results, node.outputs);
      if (node.kind === "loop") {
        const { initial, body, outputs } = node;
        flow(initial, body.parameters);
        flow(body.results.slice(1, 1 + initial.length), body.parameters);
        flow(body.results.slice(1 + initial.length), outputs);
        if (isTouched(body.results[0])) touch([...body.parameters, ...outputs]);
      } else if (operandsOf(node).some(isTouched)) touch(outputsOf(node));
    }
  };
  while (grows) {
    grows = false;
    scan(graph.main);
  }
  return graph.main.results.some(isTouched);
}

interface Slopes {
  readonly slopes: Record<string, Extent>;
  readonly flat: Record<string, FlatReason>;
}

function analyseSlopes(graph: Graph, inputs: readonly Interval[]): Slopes {
  const found = graph.inputs.map(() => ({ slope: empty, steps: true }));
  for (const result of graph.main.results.keys()) {
    const slopes = gradientGraph(graph, graph.inputs, result);
    const { results } = new IntervalAnalysis(slopes).run(inputs);
    const zeros = new Set<ValueId>();
    for (const node of slopes.main.nodes) if (node.kind === "constant" && node.value === 0) zeros.add(node.output);
    for (const [i, item] of found.entries()) {
      item.slope = join(item.slope, results[1 + i]);
      item.steps &&= zeros.has(slopes.main.results[1 + i]);
    }
  }
  const flat = graph.inputs.flatMap((name, i): [string, FlatReason][] => {
    const { slope, steps } = found[i];
    if (steps) return [[name, reaches(graph, graph.main.parameters[i]) ? "steps" : "unused"]];
    return only(slope) === 0 ? [[name, "flat"]] : [];
  });
  const slopes = graph.inputs.map((name, i) => [name, extent(found[i].slope)] as const);
  return { slopes: Object.fromEntries(slopes), flat: Object.fromEntries(flat) };
}

/** `explain` for a graph that is made already; `parameters` are values of inputs that have no range. */
export function explainGraph(
  graph: Graph,
  ranges: Ranges = {},
  parameters: Readonly<Record<string, number>> = {},
  elements: Elements = Object.fromEntries(graph.inputs.map((name) => [name, [name]])),
): Explanation {
  const ends = checkedRanges(elements, ranges, parameters);
  const inputs = ends.map(([low, high]) => (low === high ? point(low) : interval(low, high)));
  return withinStack(graph.source, () => {
    const { dtype } = graph.arithmetic;
    const { results, occurrences } = new IntervalAnalysis(graph).run(inputs);
    const constants = constantsOf(graph);
    const faults: Fault[] = [];
    const overflows: Place[] = [];
    const steep: Place[] = [];
    const kinks: Kink[] = [];
    for (const { isParts, nodes, all, ...place } of operationsOf(graph.source, occurrences)) {
      const breaks = all.some(({ args, value }) => args.every(allFinite) && !allFinite(value));
      const isSteepAnywhere = () => all.some((one, i) => isSteep(graph, nodes[i], one, constants));
      if (isParts) {
        if (breaks) overflows.push(place);
        else if (isSteepAnywhere()) steep.push(place);
        continue;
      }
      const fault = all.map(({ args }) => faultOf(place.op, args, dtype)).find((one) => one !== undefined);
      if (fault) {
        const blamed = all.map(({ args }) => args[fault.argument]).reduce(join);
        faults.push({ ...place, what: fault.what, argument: fault.argument + 1, interval: extent(blamed) });
      } else if (breaks) overflows.push(place);
      const { derivative } = specOf(place.op);
      if (derivative === "smooth") {
        if (isSteepAnywhere()) steep.push(place);
      } else {
        const reached = all.some((one, i) => isReached(place.op, one, nodes[i].args[0] === nodes[i].args[1], dtype));
        kinks.push({ ...place, derivative, reached });
      }
    }
    return {
      ranges: Object.fromEntries(graph.inputs.map((name, i) => [name, ends[i]] as const)),
      value: extent(results.reduce(join)),
      ...analyseSlopes(graph, inputs),
      faults,
      overflows,
      steep,
      kinks,
    };
  });
}
