import {
  type Budget,
  BudgetError,
  DomainError,
  domainFault,
  isScalarOp,
  type OpName,
  opNames,
  outOfFrames,
  outOfIterations,
  SoftmachineError,
  scalarMeaning,
} from "../scheme/index.js";
import { countNodes, type Graph, type Node, outputsOf, type Region, type ValueId } from "./graph.js";
import { JavascriptWriter } from "./graph-to-javascript.js";

/** Depth on JavaScript's own stack past which calls go on a stack of ours, and the most values that they may hold there. */
const shallow = 120;
const shallowValues = 25_000;

/** The most values that the calls under way may hold together. */
export const heldValues = 100_000_000;

class TailCall {
  readonly callee: GeneratorFunction;
  readonly args: readonly number[];

  constructor(callee: GeneratorFunction, args: readonly number[]) {
    this.callee = callee;
    this.args = args;
  }
}

type Result = number | readonly number[];
type Step = readonly [callee: GeneratorFunction, args: readonly number[]];
type GeneratorFunction = (...args: number[]) => Generator<Step, Result | TailCall, Result | undefined>;

/** What generated code calls. `row` is the row of a batch, for messages. */
interface Helpers {
  readonly iterations: number;
  readonly shallow: number;
  row: number | undefined;
  readonly TailCall: typeof TailCall;
  readonly outOfIterations: () => never;
  readonly drive: (callee: GeneratorFunction, args: readonly number[], depth: number) => Result;
  /** What to throw where generated code failed. */
  readonly explain: (error: unknown) => unknown;
  readonly check: (place: number, ...args: number[]) => void;
}

const meanings = Object.fromEntries(opNames.filter(isScalarOp).map((op) => [op, scalarMeaning(op)])) as Partial<
  Record<OpName, (...args: number[]) => number>
>;

export const tooLarge = "the program, or its derivative, is too large for JavaScript's stack";

/** The most values that a call of a graph's functions holds. */
export const frameSize = (graph: Graph) =>
  [...graph.functions.values()].reduce(
    (most, region) => Math.max(most, region.parameters.length + countNodes(region)),
    1,
  );

/** How deep calls may go on JavaScript's own stack; a budget of few frames is kept to exactly only by the driver. */
export const shallowDepth = (budget: Budget, size: number) =>
  budget.frames > 2 * shallow ? Math.min(shallow, Math.floor(shallowValues / size)) : 0;

function helpers(graph: Graph, writer: JavascriptWriter, budget: Budget): Helpers {
  const size = frameSize(graph);
  const h: Helpers = {
    ...meanings,
    iterations: budget.iterations,
    shallow: shallowDepth(budget, size),
    row: undefined,
    TailCall,
    outOfIterations() {
      throw new BudgetError(outOfIterations(budget.iterations), h.row);
    },
    drive(callee, args, depth) {
      const stack: ReturnType<GeneratorFunction>[] = [];
      let current = callee(...args);
      let value: Result | undefined;
      for (;;) {
        const step = current.next(value);
        if (!step.done) {
          stack.push(current);
          if (stack.length + depth > budget.frames) throw new BudgetError(outOfFrames(budget.frames), h.row);
          if (stack.length * size > heldValues)
            throw new BudgetError(
              `recursion ${stack.length} frames deep, of ${size} values each, takes too much memory`,
              h.row,
            );
          current = step.value[0](...step.value[1]);
          value = undefined;
        } else if (step.value instanceof TailCall) {
          current = step.value.callee(...step.value.args);
          value = undefined;
        } else {
          value = step.value;
          const caller = stack.pop();
          if (!caller) return value;
          current = caller;
        }
      }
    },
    explain: (error) => (error instanceof RangeError ? new BudgetError(tooLarge) : error),
    check(place, ...args) {
      const { op, span, outside, shows } = writer.checks[place];
      const fault = outside(...args);
      if (fault) throw new DomainError(domainFault(op, fault, graph.source.at(span), shows ? args : []), h.row);
    },
  };
  return h;
}

type Factory<F> = (h: Helpers, fround: (x: number) => number) => F;

/** Generated code, made a function. It holds nothing of the program's text but numbers and names made up here. */
function instantiate<F>(code: string, h: Helpers): F {
  try {
    const factory = new Function("h", "fround", code) as Factory<F>;
    return factory(h, Math.fround);
  } catch (error) {
    // V8 takes 65,535 parameters of a function at most.
    throw error instanceof SyntaxError || error instanceof RangeError ? new SoftmachineError(tooLarge) : error;
  }
}

/** The function of a graph's inputs, in their order, to its only result or an array of its results. */
export function compileSingle(graph: Graph, budget: Budget): (...inputs: number[]) => Result {
  const writer = new JavascriptWriter(graph);
  return instantiate(writer.single(), helpers(graph, writer, budget));
}

/** An array of numbers of either precision. */
export type Floats = Float64Array | Float32Array;

/** Runs a graph on `count` rows: inputs of stride 1, or 0 for one value in every row, then an array for each result. */
export type BatchFunction = (count: number, strides: readonly number[], ...arrays: Floats[]) => void;

export function compileBatch(graph: Graph, budget: Budget): BatchFunction {
  const writer = new JavascriptWriter(graph);
  return instantiate(writer.batch(), helpers(graph, writer, budget));
}

const slots = (ids: readonly ValueId[]) => ids.map((id) => `slot[${id}]`).join(", ");

function listing(region: Region, names: readonly string[], indent: string): string[] {
  const lines = region.parameters.map((id, i) => `${indent}slot[${id}] = ${names[i] ?? "parameter"}`);
  for (const node of region.nodes) lines.push(...instruction(node, indent));
  lines.push(`${indent}result ${slots(region.results)}`);
  return lines;
}

function instruction(node: Node, indent: string): string[] {
  const target = slots(outputsOf(node));
  switch (node.kind) {
    case "constant":
      return [`${indent}${target} = ${node.value}`];
    case "op":
      return [`${indent}${target} = (${[node.op, ...node.args.map((id) => `slot[${id}]`)].join(" ")})`];
    case "call":
      return [`${indent}${target} = call ${node.callee} ${slots(node.args)}`];
    case "if":
      return [
        `${indent}${target} = if ${slots([node.test])}`,
        ...listing(node.consequent, [], `${indent}  `),
        `${indent}else`,
        ...listing(node.alternative, [], `${indent}  `),
      ];
    case "loop":
      return [`${indent}${target} = loop from ${slots(node.initial)}`, ...listing(node.body, [], `${indent}  `)];
    case "reverse":
      return [
        `${indent}${target} = back over ${slots([node.tape])} from ${slots(node.seeds)}`,
        ...[node.step, ...node.phases].flatMap((region, i) => [
          `${indent}${i === 0 ? "step" : `phase ${i}`}`,
          ...listing(region, [], `${indent}  `),
        ]),
      ];
  }
}

/** A graph as the list of instructions over slots that it runs as ("The Neural Compiler", 2026, figure 2). */
export function printSlots(graph: Graph): string {
  const functions = [...graph.functions].flatMap(([name, region]) => [
    `function ${name}`,
    ...listing(region, [], "  "),
  ]);
  return [
    ...functions,
    ...listing(
      graph.main,
      graph.inputs.map((name) => `input ${name}`),
      "",
    ),
  ].join("\n");
}
