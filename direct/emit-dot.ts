import { printNumber } from "../scheme/index.js";
import { executionOnly, type Graph, type Node, type Region, type ValueId } from "./graph.js";

const quoted = (text: string) => `"${text.replace(/["\\]/g, "\\$&").replace(/\n/g, "\\n")}"`;

/** Writes a graph for Graphviz: a node for each operation, a box for each region, edges as data flows. */
class DotWriter {
  private readonly graph: Graph;
  private readonly lines: string[] = [];
  private readonly edges: string[] = [];
  /** The drawn node that gives a value, and which of its outputs it is where it has several. */
  private readonly origins = new Map<ValueId, { readonly node: string; readonly output?: number }>();
  private count = 0;
  private indent = 1;

  constructor(graph: Graph) {
    this.graph = graph;
  }

  text(): string {
    const { main, functions, inputs } = this.graph;
    for (const [name, region] of functions)
      this.cluster(`function ${name}`, () => {
        this.parameters(region, (i) => `parameter ${i + 1}`);
        this.region(region);
        this.results(region.results, this.drawn("result", "ellipse"));
      });
    this.parameters(main, (i) => inputs[i]);
    this.region(main);
    this.results(main.results, this.drawn("result", "ellipse"));
    return [
      "digraph program {",
      '  node [shape=box, fontname="monospace"];',
      '  edge [fontname="monospace", fontsize=10];',
      ...this.lines,
      ...this.edges,
      "}",
    ].join("\n");
  }

  private line(text: string): void {
    this.lines.push("  ".repeat(this.indent) + text);
  }

  private drawn(label: string, shape?: string): string {
    const name = `n${this.count++}`;
    this.line(`${name} [label=${quoted(label)}${shape ? `, shape=${shape}` : ""}];`);
    return name;
  }

  private cluster(label: string, body: () => void): void {
    this.line(`subgraph cluster_${this.count++} {`);
    this.indent++;
    this.line(`label=${quoted(label)};`);
    body();
    this.indent--;
    this.line("}");
  }

  private edge(from: ValueId, to: string, label?: string): void {
    const origin = this.origins.get(from);
    if (!origin) throw new Error(`value ${from} is not drawn yet`);
    const labels = [...(origin.output === undefined ? [] : [`out ${origin.output + 1}`]), ...(label ? [label] : [])];
    this.edges.push(`  ${origin.node} -> ${to}${labels.length > 0 ? ` [label=${quoted(labels.join(", "))}]` : ""};`);
  }

  private results(ids: readonly ValueId[], to: string): void {
    for (const [i, id] of ids.entries()) this.edge(id, to, ids.length > 1 ? String(i + 1) : undefined);
  }

  private parameters(region: Region, label: (i: number) => string): void {
    for (const [i, id] of region.parameters.entries()) this.origins.set(id, { node: this.drawn(label(i), "ellipse") });
  }

  private region(region: Region): void {
    for (const node of region.nodes) this.node(node);
  }

  private outputs(ids: readonly ValueId[], node: string): void {
    for (const [output, id] of ids.entries()) this.origins.set(id, { node, ...(ids.length > 1 && { output }) });
  }

  private node(node: Node): void {
    switch (node.kind) {
      case "constant":
        this.origins.set(node.output, { node: this.drawn(printNumber(node.value), "plaintext") });
        break;
      case "op":
        this.operation(node.op, node.args, [node.output]);
        break;
      case "call":
        this.operation(`call ${node.callee}`, node.args, node.outputs);
        break;
      case "if": {
        const name = this.drawn("if", "diamond");
        this.edge(node.test, name, "test");
        for (const [label, side] of [["then", node.consequent] as const, ["else", node.alternative] as const]) {
          this.cluster(label, () => this.region(side));
          for (const [i, id] of side.results.entries())
            this.edge(id, name, side.results.length > 1 ? `${label} ${i + 1}` : label);
        }
        this.outputs(node.outputs, name);
        break;
      }
      case "loop": {
        const { body, initial, outputs } = node;
        const name = this.drawn("loop", "diamond");
        this.cluster("loop", () => {
          this.parameters(body, (i) => `variable ${i + 1}`);
          this.region(body);
        });
        for (const [i, id] of initial.entries())
          this.edge(id, this.origins.get(body.parameters[i])?.node ?? name, "at first");
        for (const [i, id] of body.results.entries()) {
          const next = i - 1;
          const label = i === 0 ? "again" : next < initial.length ? `next ${next + 1}` : `out ${i - initial.length}`;
          this.edge(id, name, label);
        }
        this.outputs(outputs, name);
        break;
      }
      case "reverse":
        executionOnly();
    }
  }

  private operation(label: string, args: readonly ValueId[], outputs: readonly ValueId[]): void {
    const name = this.drawn(label);
    for (const [i, id] of args.entries()) this.edge(id, name, args.length > 1 ? String(i + 1) : undefined);
    this.outputs(outputs, name);
  }
}

/** A graph in Graphviz's language: `dot -Tsvg` draws it. */
export function emitDot(graph: Graph): string {
  return new DotWriter(graph).text();
}
