import { SoftmachineError, SourceError } from "../scheme/index.js";
import { executionOnly, type Graph, type Node, type Region, type ValueId } from "./graph.js";
import {
  attribute,
  dataTypes,
  graph as graphMessage,
  type Message,
  model,
  node as nodeMessage,
  valueInfo,
} from "./onnx-messages.js";
import { type Operators, onnxOps, where } from "./onnx-ops.js";

/** Writes a graph's regions as ONNX graphs: branches are If, loops Loop. */
class OnnxWriter {
  private readonly graph: Graph;
  private readonly iterations: number;
  private readonly type: "float64" | "float32";
  private readonly names = new Map<ValueId, string>();
  private fresh = 0;
  /** The operators of the region that is being written. */
  private nodes: Message[] = [];

  constructor(graph: Graph, iterations: number) {
    this.graph = graph;
    this.iterations = iterations;
    this.type = graph.arithmetic.dtype;
    const operators: Operators = {
      type: this.type,
      apply: (operator, args, attributes) => this.apply(operator, args, attributes),
      number: (value) => this.constant(this.type, value),
      cast: (value, type) => this.apply("Cast", [value], [attribute.whole("to", dataTypes[type])]),
      bit: (truth) => where(operators, truth, operators.number(1), operators.number(0)),
    };
    this.operators = operators;
  }

  model(): Uint8Array<ArrayBuffer> {
    const { main, inputs } = this.graph;
    for (const [i, id] of main.parameters.entries()) this.names.set(id, inputs[i]);
    // Elementwise operators take any shape; branches and loops decide for one number.
    const scalar = main.nodes.some((node) => node.kind === "if" || node.kind === "loop");
    this.region(main);
    const results = this.results(main.results);
    const info = (name: string) => valueInfo(name, this.type, scalar);
    return model(graphMessage("program", this.nodes, inputs.map(info), results.map(info)));
  }

  /** A name that no input has: theirs do not start with %. */
  private name(): string {
    return `%${this.fresh++}`;
  }

  private of(id: ValueId): string {
    const name = this.names.get(id);
    if (name === undefined) throw new Error(`value ${id} is not computed yet`);
    return name;
  }

  private apply(operator: string, args: readonly string[], attributes: readonly Message[] = []): string {
    const output = this.name();
    this.nodes.push(nodeMessage(operator, args, [output], attributes));
    return output;
  }

  private constant(type: "float64" | "float32" | "int64" | "bool", value: number): string {
    return this.apply("Constant", [], [attribute.tensor("value", type, value)]);
  }

  private readonly operators: Operators;
  private truth(name: string): string {
    return this.apply("Not", [this.apply("Equal", [name, this.operators.number(0)])]);
  }

  /** A graph's outputs must be made in it and have names of their own. */
  private results(ids: readonly ValueId[]): string[] {
    return ids.map((id) => this.apply("Identity", [this.of(id)]));
  }

  /** What `write` writes, as a graph by itself. */
  private within(write: () => { inputs: readonly Message[]; outputs: readonly Message[] }): Message {
    const outer = this.nodes;
    this.nodes = [];
    const { inputs, outputs } = write();
    const content = graphMessage(this.name(), this.nodes, inputs, outputs);
    this.nodes = outer;
    return content;
  }

  private readonly info = (name: string) => valueInfo(name, this.type, true);

  private region(region: Region): void {
    for (const node of region.nodes) this.node(node);
  }

  private node(node: Node): void {
    switch (node.kind) {
      case "constant":
        this.names.set(node.output, this.operators.number(node.value));
        break;
      case "op": {
        const emit = onnxOps[node.op];
        if (!emit) throw this.refusal(node);
        this.names.set(node.output, emit(this.operators, ...node.args.map((id) => this.of(id))));
        break;
      }
      case "call":
        throw new SoftmachineError(`"${node.callee}" calls itself, and ONNX has no recursion`);
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

  private refusal({ op, span }: Extract<Node, { kind: "op" }>): SoftmachineError {
    const what = `"${op}" has no ONNX operator that means the same`;
    return span ? new SourceError(what, this.graph.source, span) : new SoftmachineError(what);
  }

  private setAll(ids: readonly ValueId[]): string[] {
    return ids.map((id) => {
      const name = this.name();
      this.names.set(id, name);
      return name;
    });
  }

  private branch(node: Extract<Node, { kind: "if" }>): void {
    if (node.outputs.length === 0) return;
    const test = this.truth(this.of(node.test));
    const side = (region: Region) =>
      this.within(() => {
        this.region(region);
        return { inputs: [], outputs: this.results(region.results).map(this.info) };
      });
    const sides = [
      attribute.graph("then_branch", side(node.consequent)),
      attribute.graph("else_branch", side(node.alternative)),
    ];
    this.nodes.push(nodeMessage("If", [test], this.setAll(node.outputs), sides));
  }

  /**
   * ONNX's loop carries, beside the variables, the last body's outputs, and whether it is to go on: what still goes on
   * when the iterations are used up has NaN for a value.
   */
  private loop(node: Extract<Node, { kind: "loop" }>): void {
    const { body, initial, outputs } = node;
    const count = initial.length;
    const zero = this.operators.number(0);
    const yes = this.constant("bool", 1);
    const start = [...initial.map((id) => this.of(id)), ...outputs.map(() => zero), this.operators.number(1)];
    const content = this.within(() => {
      const [iteration, going] = [this.name(), this.name()];
      const variables = this.setAll(body.parameters);
      const rest = [...outputs, 0].map(() => this.name());
      this.region(body);
      const results = this.results(body.results);
      const [flag, ...values] = results;
      const again = this.truth(flag);
      const carried = [...values.slice(0, count), ...values.slice(count), this.apply("Identity", [flag])];
      return {
        inputs: [
          valueInfo(iteration, "int64", true),
          valueInfo(going, "bool", true),
          ...[...variables, ...rest].map(this.info),
        ],
        outputs: [valueInfo(again, "bool", true), ...carried.map(this.info)],
      };
    });
    const limit = this.constant("int64", Math.min(this.iterations, 2 ** 53));
    const after = start.map(() => this.name());
    this.nodes.push(nodeMessage("Loop", [limit, yes, ...start], after, [attribute.graph("body", content)]));
    const unfinished = this.truth(after[after.length - 1]);
    const notANumber = this.operators.number(Number.NaN);
    for (const [i, id] of outputs.entries())
      this.names.set(id, where(this.operators, unfinished, notANumber, after[count + i]));
  }
}

/**
 * A program's value as an ONNX model (operator set 18): the inputs by name, one output. Branches and loops are ONNX's own,
 * so that only what is taken is computed; a program without them takes inputs of any shapes that broadcast together.
 *
 * @param iterations how often a loop may run; past that its value is NaN.
 * @throws SourceError for `gcd` and `lcm`; SoftmachineError for recursion and for strict mode, which ONNX has not.
 */
export function emitOnnx(graph: Graph, iterations: number): Uint8Array<ArrayBuffer> {
  if (graph.arithmetic.domain === "strict")
    throw new SoftmachineError("an ONNX model can't refuse its inputs: compile it without the strict domain");
  return new OnnxWriter(graph, iterations).model();
}
