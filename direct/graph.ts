import type { OpName, Source, Span } from "../scheme/index.js";
import type { GraphOp } from "./graph-ops.js";

/** A number computed by the graph, by the index of its slot. */
export type ValueId = number;

/**
 * A node of the graph. Those with regions are structured control flow: a region sees the values around it, and computes
 * only when control reaches it, so that nothing leaks from a branch not taken.
 */
export type Node =
  | { readonly kind: "constant"; readonly value: number; readonly output: ValueId }
  | {
      readonly kind: "op";
      readonly op: GraphOp;
      readonly args: readonly ValueId[];
      readonly output: ValueId;
      /** Where the program has it; undefined for what derivatives add. */
      readonly span: Span | undefined;
      /** The operation on arrays that it is a part of, and where the program has that. */
      readonly origin?: Origin | undefined;
    }
  | {
      readonly kind: "if";
      readonly test: ValueId;
      readonly consequent: Region;
      readonly alternative: Region;
      readonly outputs: readonly ValueId[];
    }
  | {
      /**
       * Runs `body` on the loop's variables, at first `initial`. The body's results are a flag, the variables' next
       * values, and the outputs: while the flag is not 0 it runs again, then the outputs are the loop's.
       */
      readonly kind: "loop";
      readonly initial: readonly ValueId[];
      readonly body: Region;
      readonly outputs: readonly ValueId[];
      /**
       * Stands for the record of the iterations that a `reverse` node follows, where there is one. The body's results are
       * then followed by what is recorded with an iteration that is not the last, beside its variables.
       */
      readonly tape?: ValueId | undefined;
    }
  | {
      /**
       * Goes back over a loop's iterations, from the last to the first, with sums: at first `seeds`, followed by as many
       * zeros as the first phase has more parameters. A phase takes the variables that its iteration had, what was recorded
       * with it, and the sums, and gives the sums that the iteration before it takes; those after the first iteration are
       * the outputs. The last iteration has the first phase, the one before the second, and all that are left the last.
       */
      readonly kind: "reverse";
      readonly tape: ValueId;
      readonly seeds: readonly ValueId[];
      /** From an iteration's variables, if it is not the last, the next one's, then what is recorded with it. */
      readonly step: Region;
      readonly phases: readonly Region[];
      readonly outputs: readonly ValueId[];
    }
  | {
      readonly kind: "call";
      readonly callee: string;
      readonly args: readonly ValueId[];
      readonly outputs: readonly ValueId[];
    };

/** An operation on arrays, which a graph has as operations on their elements. */
export interface Origin {
  readonly op: OpName;
  readonly span: Span;
}

/** Nodes in the order of evaluation. */
export interface Region {
  readonly parameters: readonly ValueId[];
  readonly nodes: readonly Node[];
  readonly results: readonly ValueId[];
}

/** The arithmetic that a graph is meant for. */
export interface Arithmetic {
  readonly dtype: "float64" | "float32";
  readonly domain: "ieee" | "strict";
}

/** A program as data flow. Only recursive functions remain functions; the others are part of the region that calls them. */
export interface Graph {
  readonly source: Source;
  readonly arithmetic: Arithmetic;
  /** Names of the main region's parameters. */
  readonly inputs: readonly string[];
  readonly main: Region;
  readonly functions: ReadonlyMap<string, Region>;
  /** Every ValueId is below this. */
  readonly size: number;
}

export function outputsOf(node: Node): readonly ValueId[] {
  if (node.kind === "constant" || node.kind === "op") return [node.output];
  return node.kind === "loop" && node.tape !== undefined ? [...node.outputs, node.tape] : node.outputs;
}

/** The values that a node takes from its own region, those of its inner regions left out. */
export function operandsOf(node: Node): readonly ValueId[] {
  switch (node.kind) {
    case "constant":
      return [];
    case "op":
    case "call":
      return node.args;
    case "if":
      return [node.test];
    case "loop":
      return node.initial;
    case "reverse":
      return [node.tape, ...node.seeds];
  }
}

export function regionsOf(node: Node): readonly Region[] {
  switch (node.kind) {
    case "if":
      return [node.consequent, node.alternative];
    case "loop":
      return [node.body];
    case "reverse":
      return [node.step, ...node.phases];
    default:
      return [];
  }
}

/** For what is written for graphs that can be differentiated, where a loop is gone back over. */
export function executionOnly(): never {
  throw new Error("a loop that is gone back over is for execution alone");
}

/** Values that a region takes from around it, in order of first use. */
export function captured(region: Region): Set<ValueId> {
  const own = new Set<ValueId>();
  const used = new Set<ValueId>();
  const scan = ({ parameters, nodes, results }: Region) => {
    for (const id of parameters) own.add(id);
    for (const node of nodes) {
      for (const id of operandsOf(node)) used.add(id);
      for (const inner of regionsOf(node)) scan(inner);
      for (const id of outputsOf(node)) own.add(id);
    }
    for (const id of results) used.add(id);
  };
  scan(region);
  for (const id of own) used.delete(id);
  return used;
}

/** Values that some nodes of one region take, those of their inner regions included. */
export function usedBy(nodes: readonly Node[]): Set<ValueId> {
  return new Set(nodes.flatMap((node) => [...operandsOf(node), ...regionsOf(node).flatMap((r) => [...captured(r)])]));
}

/** How many values a region has, its parameters and those within its regions included, constants left out. */
export function countValues({ parameters, nodes }: Region): number {
  let count = parameters.length;
  for (const node of nodes) {
    if (node.kind !== "constant") count += outputsOf(node).length;
    for (const inner of regionsOf(node)) count += countValues(inner);
  }
  return count;
}

/** How many nodes a region has, those within its regions included. */
export function countNodes(region: Region): number {
  let count = 0;
  for (const node of region.nodes) {
    count++;
    for (const inner of regionsOf(node)) count += countNodes(inner);
  }
  return count;
}
