import { executionOnly, type Graph, type Node, type Region, type ValueId } from "./graph.js";
import { contains, empty, hasNumbers, type Interval, isEmpty, isWithin, join, only, point } from "./interval.js";
import { Knowledge, Scope } from "./interval-knowledge.js";
import { intervalOf, rounded } from "./interval-ops.js";

type OpNode = Extract<Node, { kind: "op" }>;
type IfNode = Extract<Node, { kind: "if" }>;
type LoopNode = Extract<Node, { kind: "loop" }>;
type CallNode = Extract<Node, { kind: "call" }>;
type Values = readonly Interval[];
type Sink = (values: Values) => void;

/** An operation's arguments and value, over all times that it may be computed. */
export interface Occurrence {
  readonly args: Values;
  readonly value: Interval;
}

export interface Analysis {
  readonly results: Values;
  /** The operations that may be computed at all. */
  readonly occurrences: ReadonlyMap<OpNode, Occurrence>;
}

/** How many nodes are evaluated one iteration and one call after another, before loops and calls are taken together. */
const patience = 100_000;
const mostIterations = 1000;
const deepestCall = 60;
/** What all calls of a function have in common, as far as is known. */
interface Summary {
  args: Values;
  results: Values;
  changes: number;
}

const joinAll = (a: Values | undefined, b: Values): Values => (a ? a.map((one, i) => join(one, b[i])) : b);
const allWithin = (a: Values, b: Values) => a.every((one, i) => isWithin(one, b[i]));
const mayBeTrue = (a: Interval) => a.nan || (hasNumbers(a) && only(a) !== 0);
const mayBeFalse = (a: Interval) => contains(a, 0);

/**
 * Abstract interpretation of a graph over intervals (Cousot and Cousot, "Abstract Interpretation", 1977). What is found
 * holds for every run whose inputs are in their intervals. Branches narrow what their tests speak of. Loops and
 * recursion are followed step by step while that is cheap; then a loop's variables, and a function's parameters and
 * results, are widened until nothing is added to them.
 */
export class IntervalAnalysis {
  private readonly graph: Graph;
  private readonly knowledge: Knowledge;
  private readonly thresholds: readonly number[];
  private readonly summaries = new Map<string, Summary>();
  private occurrences = new Map<OpNode, { args: Values; value: Interval }>();
  private work = patience;
  private depth = 0;
  private silent = 0;
  private changed = false;

  constructor(graph: Graph) {
    this.graph = graph;
    const constants = new Set([0, 1, -1, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]);
    this.knowledge = new Knowledge(graph);
    for (const value of this.knowledge.constants()) if (!Number.isNaN(value)) constants.add(value);
    this.thresholds = [...constants].sort((a, b) => a - b);
  }

  /** @param inputs an interval for each of the graph's inputs. */
  run(inputs: Values): Analysis {
    const args = inputs.map((input) => rounded(input, this.graph.arithmetic.dtype));
    for (let pass = 0; ; pass++) {
      this.changed = false;
      this.occurrences = new Map();
      this.work = pass === 0 ? patience : patience / 10;
      this.depth = 0;
      const results = this.apply(this.graph.main, args);
      this.depth = deepestCall;
      for (const [name, summary] of [...this.summaries]) this.summarize(name, summary);
      if (!this.changed) return { results, occurrences: this.occurrences };
    }
  }

  private summarize(name: string, summary: Summary): void {
    const region = this.graph.functions.get(name);
    if (!region) throw new Error(`no function ${name}`);
    const results = this.apply(region, summary.args);
    if (allWithin(results, summary.results)) return;
    summary.results = this.grown(summary.results, results, summary.changes++);
    this.changed = true;
  }

  /** A region's results for its parameters. */
  private apply(region: Region, args: Values): Values {
    const scope = new Scope();
    for (const [i, id] of region.parameters.entries()) scope.values.set(id, args[i]);
    let joined: Values | undefined;
    this.ending(region, region.results, scope, (values) => {
      joined = joinAll(joined, values);
    });
    return joined ?? region.results.map(() => empty);
  }

  /** The union of two rounds' values, widened to the program's own constants and then without bound after a few. */
  private grown(old: Values, next: Values, round: number): Values {
    return old.map((a, i) => {
      const both = join(a, next[i]);
      if (round < 2 || !hasNumbers(both)) return both;
      const down = round > 12 ? Number.NEGATIVE_INFINITY : this.thresholds.findLast((t) => t <= both.low);
      const up = round > 12 ? Number.POSITIVE_INFINITY : this.thresholds.find((t) => t >= both.high);
      return {
        ...both,
        low: both.low < a.low ? (down ?? both.low) : both.low,
        high: both.high > a.high ? (up ?? both.high) : both.high,
      };
    });
  }

  /**
   * Runs a region. Where its last node is a branch or a loop, each way that it ends is told to `sink` by itself, so that
   * what is known of one result still goes with what is known of another.
   */
  private ending(region: Region, results: readonly ValueId[], scope: Scope, sink: Sink): void {
    const last = region.nodes.findLast((node) => node.kind !== "constant");
    const inTail = (last?.kind === "if" || last?.kind === "loop") && results.some((id) => last.outputs.includes(id));
    for (const node of region.nodes) if (!inTail || node !== last) this.node(node, scope);
    if (!inTail) {
      sink(results.map((id) => this.knowledge.get(scope, id)));
      return;
    }
    const positions = results.map((id) => last.outputs.indexOf(id));
    if (last.kind === "loop")
      this.loop(last, scope, (exits) =>
        sink(results.map((id, i) => (positions[i] < 0 ? this.knowledge.get(scope, id) : exits[positions[i]]))),
      );
    else
      this.branch(last, scope, (side, inner) =>
        this.ending(
          side,
          results.map((id, i) => (positions[i] < 0 ? id : side.results[positions[i]])),
          inner,
          sink,
        ),
      );
  }

  private node(node: Node, scope: Scope): void {
    this.work--;
    switch (node.kind) {
      case "constant":
        scope.values.set(node.output, point(node.value));
        break;
      case "op":
        this.op(node, scope);
        break;
      case "call":
        this.setAll(
          scope,
          node.outputs,
          this.call(
            node,
            node.args.map((id) => this.knowledge.get(scope, id)),
          ),
        );
        break;
      case "if": {
        let joined: Values | undefined;
        const sink: Sink = (values) => {
          joined = joinAll(joined, values);
        };
        this.branch(node, scope, (side, inner) => this.ending(side, side.results, inner, sink));
        this.setAll(scope, node.outputs, joined);
        break;
      }
      case "loop": {
        let joined: Values | undefined;
        this.loop(node, scope, (exits) => {
          joined = joinAll(joined, exits);
        });
        this.setAll(scope, node.outputs, joined);
        break;
      }
      case "reverse":
        executionOnly();
    }
  }

  private setAll(scope: Scope, ids: readonly ValueId[], values: Values | undefined): void {
    for (const [i, id] of ids.entries()) scope.values.set(id, values?.[i] ?? empty);
  }

  private op(node: OpNode, scope: Scope): void {
    const args = node.args.map((id) => this.knowledge.get(scope, id));
    const value = intervalOf(node.op, args, node.args[0] === node.args[1], this.graph.arithmetic.dtype);
    scope.values.set(node.output, value);
    if (this.silent > 0 || args.some(isEmpty)) return;
    const before = this.occurrences.get(node);
    this.occurrences.set(node, {
      args: joinAll(before?.args, args),
      value: before ? join(before.value, value) : value,
    });
  }

  private branch(node: IfNode, scope: Scope, take: (side: Region, inner: Scope) => void): void {
    const test = this.knowledge.get(scope, node.test);
    for (const truth of [true, false]) {
      if (!(truth ? mayBeTrue(test) : mayBeFalse(test))) continue;
      const inner = new Scope(scope);
      if (this.knowledge.assumeTest(node.test, truth, inner)) take(truth ? node.consequent : node.alternative, inner);
    }
  }

  private loop(node: LoopNode, scope: Scope, exit: Sink): void {
    const count = node.initial.length;
    const step = (variables: Values, leave: Sink): Values | undefined => {
      const inner = new Scope(scope);
      this.setAll(inner, node.body.parameters, variables);
      let next: Values | undefined;
      this.ending(node.body, node.body.results, inner, (values) => {
        if (mayBeFalse(values[0])) leave(values.slice(1 + count));
        if (mayBeTrue(values[0])) next = joinAll(next, values.slice(1, 1 + count));
      });
      return next;
    };
    let variables: Values = node.initial.map((id) => this.knowledge.get(scope, id));
    for (let i = 0; i < mostIterations && this.work > 0; i++) {
      const next = step(variables, exit);
      if (!next || next.some(isEmpty) || allWithin(next, variables)) return;
      variables = next;
    }
    const start = variables;
    const round = (values: Values) =>
      joinAll(
        step(values, () => {}),
        start,
      );
    this.silent++;
    for (let i = 0; ; i++) {
      const next = round(variables);
      if (allWithin(next, variables)) break;
      variables = this.grown(variables, next, i);
    }
    // What was widened too far comes back, if it still holds.
    for (let i = 0; i < 3; i++) {
      const next = round(variables);
      if (!allWithin(round(next), next)) break;
      variables = next;
    }
    this.silent--;
    step(variables, exit);
  }

  private call(node: CallNode, args: Values): Values {
    const region = this.graph.functions.get(node.callee);
    if (!region) throw new Error(`no function ${node.callee}`);
    if (args.some(isEmpty)) return node.outputs.map(() => empty);
    if (this.depth < deepestCall && this.work > 0) {
      this.depth++;
      const results = this.apply(region, args);
      this.depth--;
      return results;
    }
    const summary = this.summaries.get(node.callee);
    if (!summary) {
      const results = node.outputs.map(() => empty);
      this.summaries.set(node.callee, { args, results, changes: 0 });
      this.changed = true;
      return results;
    }
    if (!allWithin(args, summary.args)) {
      summary.args = this.grown(summary.args, args, summary.changes++);
      this.changed = true;
    }
    return summary.results;
  }
}
