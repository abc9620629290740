import { printNumber, type Span } from "../scheme/index.js";
import { executionOnly, type Graph, type Node, type Region, regionsOf, usedBy, type ValueId } from "./graph.js";
import type { GraphOp } from "./graph-ops.js";

const quoted = (text: string) => `"${text.replace(/["\\]/g, "\\$&").replace(/\n/g, "\\n")}"`;

/** Operations whose arguments may change places, so that their edges need no numbers. */
const isCommutative: { readonly [K in GraphOp]?: true } = {
  "+": true,
  "*": true,
  "chain*": true,
  "=": true,
  min: true,
  max: true,
  gcd: true,
  lcm: true,
};

/** How each kind of node is drawn. */
const styles = {
  input: 'shape=ellipse, style=filled, fillcolor="#dbeafe", color="#2563eb"',
  parameter: 'shape=ellipse, style="filled,dashed", fillcolor="#dbeafe", color="#2563eb"',
  variable: 'shape=ellipse, style=filled, fillcolor="#fef3c7", color="#b45309"',
  constant: 'shape=plaintext, style="", margin="0.03,0.01", height=0.2, width=0, fontcolor="#4b5563"',
  operation: 'shape=box, style="filled,rounded", fillcolor=white, color="#374151"',
  call: 'shape=box, style="filled,rounded", peripheries=2, fillcolor=white, color="#374151"',
  choice: 'shape=diamond, style=filled, fillcolor="#fef3c7", color="#b45309", margin="0.02"',
  merge: 'shape=circle, style=filled, fillcolor="#fef3c7", color="#b45309", margin="0.02", width=0.3',
  result: 'shape=ellipse, style=filled, peripheries=2, fillcolor="#dcfce7", color="#15803d"',
} as const;
type Style = keyof typeof styles;

/** Edges that are not data: what decides, and what goes round a loop. */
const control = 'style=dashed, color="#b45309", fontcolor="#b45309"';
const longestTip = 80;

/** A node of the drawing: constants are drawn where they are used, once for each use. */
type Origin = { readonly node: string } | { readonly constant: number };

type IfNode = Extract<Node, { kind: "if" }>;

/** What is known of a branch that ends a loop's body, by side: then, else. */
interface Ending {
  /** Which of its values says whether the loop goes on. */
  readonly flag: number;
  /** Whether each side is known to go on or to end. */
  readonly isDecided: boolean;
  readonly labels: readonly string[];
  /** The places of values that nothing depends on where that side is taken. */
  readonly idle: readonly ReadonlySet<number>[];
}

/** Writes a graph for Graphviz: a node for each operation, a box for each region, edges as data flows. */
class DotWriter {
  private readonly graph: Graph;
  private readonly lines: string[] = [];
  private readonly edges: string[] = [];
  private readonly origins = new Map<ValueId, Origin>();
  private readonly constants = new Map<ValueId, number>();
  private readonly endings = new Map<IfNode, Ending>();
  /** Flags of loops that go on where the test that is drawn for them fails. */
  private readonly reversed = new Set<ValueId>();
  private count = 0;
  private indent = 1;

  constructor(graph: Graph) {
    this.graph = graph;
  }

  text(results: readonly string[], parameters: Readonly<Record<string, number>>): string {
    const { main, functions, inputs, source } = this.graph;
    for (const region of [main, ...functions.values()]) this.note(region);
    for (const [name, region] of functions)
      this.cluster(`function ${name}`, () => {
        this.parameters(region, (i) => ({ label: `argument ${i + 1}`, style: "input" }));
        this.region(region);
        this.results(region.results, (i) => (region.results.length > 1 ? `result ${i + 1}` : "result"));
      });
    this.parameters(main, (i) => {
      const name = inputs[i];
      return Object.hasOwn(parameters, name)
        ? { label: `${name} = ${printNumber(parameters[name])}`, style: "parameter" }
        : { label: name, style: "input" };
    });
    this.region(main);
    this.results(main.results, (i) => results[i]);
    return [
      "digraph program {",
      `  label=${quoted(source.name)}; labelloc=t; fontname="Helvetica"; fontsize=11; fontcolor="#6b7280";`,
      "  bgcolor=white; nodesep=0.3; ranksep=0.35; compound=true;",
      '  node [fontname="Helvetica", fontsize=12, height=0.35, margin="0.12,0.05"];',
      '  edge [fontname="Helvetica", fontsize=9, color="#374151", fontcolor="#374151", arrowsize=0.7];',
      ...this.lines,
      ...this.edges,
      "}",
    ].join("\n");
  }

  private note({ nodes }: Region): void {
    for (const node of nodes) {
      if (node.kind === "constant") this.constants.set(node.output, node.value);
      for (const inner of regionsOf(node)) this.note(inner);
    }
  }

  private line(text: string): void {
    this.lines.push("  ".repeat(this.indent) + text);
  }

  /** Draws a node; `span` is where the program has it, told where a pointer rests on it. */
  private drawn(label: string, style: Style, span?: Span): string {
    const name = `n${this.count++}`;
    const at = span && `${this.graph.source.at(span)} ${this.graph.source.text.slice(span.start, span.end)}`;
    const tip = at && (at.length > longestTip ? `${at.slice(0, longestTip - 1)}…` : at).replace(/\s+/g, " ");
    this.line(`${name} [label=${quoted(label)}, ${styles[style]}${tip ? `, tooltip=${quoted(tip)}` : ""}];`);
    return name;
  }

  private cluster(label: string, body: () => void): void {
    this.line(`subgraph cluster_${this.count++} {`);
    this.indent++;
    this.line(`label=${quoted(label)}; style="filled,rounded"; fillcolor="#f3f4f680"; color="#9ca3af"; labeljust=l;`);
    body();
    this.indent--;
    this.line("}");
  }

  private nodeOf(id: ValueId): string {
    const origin = this.origins.get(id);
    if (!origin) throw new Error(`value ${id} is not drawn yet`);
    return "node" in origin ? origin.node : this.drawn(printNumber(origin.constant), "constant");
  }

  private edge(from: ValueId, to: string, label?: string, style?: string): void {
    this.join(this.nodeOf(from), to, label, style);
  }

  /** An edge that goes up: written downwards, since Graphviz lays nodes out along edges. */
  private back(from: string, to: string, label: string): void {
    this.join(to, from, label, `${control}, dir=back`);
  }

  private join(from: string, to: string, label?: string, style?: string): void {
    const attributes = [...(label ? [`label=${quoted(` ${label}`)}`] : []), ...(style ? [style] : [])];
    this.edges.push(`  ${from} -> ${to}${attributes.length > 0 ? ` [${attributes.join(", ")}]` : ""};`);
  }

  private results(ids: readonly ValueId[], label: (i: number) => string): void {
    for (const [i, id] of ids.entries()) this.edge(id, this.drawn(label(i), "result"));
  }

  private parameters(region: Region, describe: (i: number) => { label: string; style: Style }): void {
    for (const [i, id] of region.parameters.entries()) {
      const { label, style } = describe(i);
      this.origins.set(id, { node: this.drawn(label, style) });
    }
  }

  private region(region: Region): void {
    for (const node of region.nodes) this.node(node);
  }

  private node(node: Node): void {
    switch (node.kind) {
      case "constant":
        this.origins.set(node.output, { constant: node.value });
        break;
      case "op": {
        const name = this.drawn(node.op, "operation", node.span ?? node.origin?.span);
        this.arguments(node.args, name, isCommutative[node.op] !== true);
        this.origins.set(node.output, { node: name });
        break;
      }
      case "call": {
        const name = this.drawn(`call ${node.callee}`, "call");
        this.arguments(node.args, name, true);
        this.outputs(node.outputs, name);
        break;
      }
      case "if":
        this.branch(node);
        break;
      case "loop":
        this.loop(node);
        break;
      case "reverse":
        executionOnly();
    }
  }

  private arguments(args: readonly ValueId[], to: string, numbered: boolean): void {
    for (const [i, id] of args.entries()) this.edge(id, to, numbered && args.length > 1 ? String(i + 1) : undefined);
  }

  /** What a call gives: itself, or a node for each value that it gives. */
  private outputs(ids: readonly ValueId[], from: string): void {
    for (const [i, id] of ids.entries()) {
      if (ids.length === 1) {
        this.origins.set(id, { node: from });
        continue;
      }
      const one = this.drawn(String(i + 1), "merge");
      this.join(from, one);
      this.origins.set(id, { node: one });
    }
  }

  /**
   * A diamond that the test decides; each value of the node is where its two sides meet. Where a loop's body ends, a side
   * that goes on says nothing of the loop's results, nor one that ends of its variables: they meet nothing there.
   */
  private branch(node: IfNode): void {
    const { test, outputs } = node;
    const ending = this.endings.get(node);
    const sides = [
      { region: node.consequent, label: ending?.labels[0] ?? "then" },
      { region: node.alternative, label: ending?.labels[1] ?? "else" },
    ];
    const isTest = (i: number) => ending?.isDecided === true && i === ending.flag;
    const meets = outputs.map((_, i) => sides.filter((_side, k) => !ending?.idle[k].has(i)));
    const isChoice = outputs.some((_, i) => meets[i].length === 2 && !isTest(i)) || !ending;
    const choice = isChoice ? this.drawn("if", "choice") : undefined;
    if (choice !== undefined) this.edge(test, choice, "test", control);
    for (const { region, label } of sides) {
      if (region.nodes.some(({ kind }) => kind !== "constant")) this.cluster(label, () => this.region(region));
      else this.region(region);
    }
    for (const [i, id] of outputs.entries()) {
      const [only, other] = meets[i];
      const straight = isTest(i) ? test : other ? undefined : only?.region.results[i];
      const origin = straight === undefined ? undefined : this.origins.get(straight);
      if (origin || choice === undefined) {
        if (origin) this.origins.set(id, origin);
        continue;
      }
      const meeting = outputs.length === 1 ? choice : this.drawn("φ", "merge");
      if (meeting !== choice) this.join(choice, meeting, undefined, control);
      for (const { region, label } of meets[i]) this.edge(region.results[i], meeting, label);
      this.origins.set(id, { node: meeting });
    }
  }

  /** Finds what the sides of a branch that ends a loop's body leave open, and of those that end its sides. */
  private notice({ nodes }: Region, flag: ValueId, next: readonly ValueId[], results: readonly ValueId[]): void {
    const node = nodes.find((one): one is IfNode => one.kind === "if" && one.outputs.includes(flag));
    if (!node) return;
    const places = (ids: readonly ValueId[], others: readonly ValueId[]) =>
      ids.filter((id) => !others.includes(id)).map((id) => node.outputs.indexOf(id));
    const [nextPlaces, resultPlaces] = [places(next, results), places(results, next)];
    const at = node.outputs.indexOf(flag);
    const used = usedBy(nodes);
    const sides = [node.consequent, node.alternative];
    const goesOn = sides.map(({ results: ends }) => this.constants.get(ends[at]));
    const idle = goesOn.map((value) => {
      const open = value === undefined ? [] : value === 0 ? nextPlaces : resultPlaces;
      return new Set(open.filter((place) => place >= 0 && !used.has(node.outputs[place])));
    });
    const labels = goesOn.map((value, i) =>
      value === undefined ? ["then", "else"][i] : value === 0 ? "at the end" : "again",
    );
    const isDecided = goesOn.every((value) => value !== undefined);
    this.endings.set(node, { flag: at, labels, idle, isDecided });
    if (isDecided && goesOn[0] === 0) this.reversed.add(flag);
    for (const [i, side] of sides.entries()) {
      const inner = (all: readonly ValueId[]) =>
        all.map((id) => side.results[node.outputs.indexOf(id)]).filter((id) => id !== undefined);
      if (goesOn[i] === undefined) this.notice(side, side.results[at], inner(next), inner(results));
    }
  }

  /** A box around the body: its variables on top, and dashed edges back to them for as long as it goes on. */
  private loop({ initial, body, outputs }: Extract<Node, { kind: "loop" }>): void {
    const [flag, ...results] = body.results;
    this.notice(body, flag, results.slice(0, initial.length), results.slice(initial.length));
    const exits: string[] = [];
    // Nodes are numbered as they are drawn: those from here on are the loop's own.
    const first = this.count;
    this.cluster("loop", () => {
      this.parameters(body, (i) => ({ label: `variable ${i + 1}`, style: "variable" }));
      this.region(body);
      const again = this.drawn("again?", "choice");
      this.edge(flag, again, this.reversed.has(flag) ? "unless" : undefined, control);
      for (const id of outputs.keys()) {
        const exit = this.drawn(outputs.length > 1 ? `end ${id + 1}` : "end", "merge");
        if (id === 0) this.join(again, exit, "no", control);
        this.edge(results[initial.length + id], exit);
        exits.push(exit);
      }
      for (const [i, parameter] of body.parameters.entries()) {
        const origin = this.origins.get(parameter);
        if (!origin || !("node" in origin)) continue;
        const next = this.nodeOf(results[i]);
        if (Number(next.slice(1)) < first) this.join(next, origin.node, `next ${i + 1}`, control);
        else this.back(next, origin.node, `next ${i + 1}`);
        if (i === 0) this.back(again, origin.node, "yes");
      }
    });
    for (const [i, id] of initial.entries()) {
      const origin = this.origins.get(body.parameters[i]);
      if (origin && "node" in origin) this.edge(id, origin.node, "at first");
    }
    for (const [i, id] of outputs.entries()) this.origins.set(id, { node: exits[i] });
  }
}

/**
 * A graph in Graphviz's language: `dot -Tsvg` draws it. Inputs are blue, parameters with a dashed border, results green;
 * branches and loops are boxes, what decides and what goes round in amber. A call of several values, and a loop's results,
 * are circles.
 *
 * @param results what the results are called.
 * @param parameters values of inputs that have one.
 */
export function emitDot(
  graph: Graph,
  results: readonly string[] = graph.main.results.map((_, i) => `result ${i + 1}`),
  parameters: Readonly<Record<string, number>> = {},
): string {
  return new DotWriter(graph).text(results, parameters);
}
