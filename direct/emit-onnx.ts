import { type Shape, SoftmachineError, SourceError } from "../scheme/index.js";
import type { Message } from "../tensor/index.js";
import { executionOnly, type Graph, type Node, type Region, type ValueId } from "./graph.js";
import { isIndexCheck } from "./graph-ops.js";
import { attribute, dataTypes, graph as graphMessage, model, node as nodeMessage, valueInfo } from "./onnx-messages.js";
import { type Operators, onnxOps, where } from "./onnx-ops.js";
import { divide, type Interface, type Shaped } from "./shaped-values.js";

/** Writes a graph's regions as ONNX graphs: branches are If, loops Loop. */
class OnnxWriter {
  private readonly graph: Graph;
  private readonly iterations: number;
  private readonly type: "float64" | "float32";
  private readonly names = new Map<ValueId, string>();
  /** Of each index that is computed, whether it is inside its array; and of each test of such an index, which. */
  private readonly isInside = new Map<ValueId, string>();
  private readonly choices = new Map<ValueId, ValueId>();
  /** Constants that are 1. */
  private readonly ones = new Set<ValueId>();
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

  /**
   * The model of a graph whose results are the value's elements and then, with `gradient`, its slopes in the inputs'. Without
   * branches and loops operators take any shapes that broadcast, rows of a batch among them; with them they decide for one
   * row.
   */
  model({ names, shapes, shape }: Interface, gradient: boolean): Uint8Array<ArrayBuffer> {
    const { main } = this.graph;
    const single = main.nodes.some((node) => node.kind === "if" || node.kind === "loop");
    const given = divide(shapes, main.parameters);
    for (const [i, { elements }] of given.entries()) this.input(names[i], shapes[i], elements);
    this.region(main);
    const taken = new Set(names);
    const results = divide([shape, ...(gradient ? shapes : [])], main.results).map((one, i) => {
      return { ...one, name: outputName(i === 0 ? "value" : `d/d${names[i - 1]}`, taken) };
    });
    const isPlain = !gradient && shape.length === 0;
    const common = single || isPlain ? undefined : this.commonShape(given);
    for (const { name, shape: of, elements } of results) {
      const items = elements.map((id) => this.of(id));
      const whole = common === undefined ? items : items.map((item) => this.apply("Expand", [item, common]));
      this.nodes.push(nodeMessage("Identity", [this.stacked(of, whole)], [name]));
    }
    const info = (name: string, of: Shape) => valueInfo(name, this.type, single ? of : undefined);
    const inputs = names.map((name, i) => info(name, shapes[i]));
    const outputs = results.map(({ name, shape: of }) => info(name, of));
    return model(graphMessage("program", this.nodes, inputs, outputs));
  }

  /** An input's elements: what lies at each index of its last axes. */
  private input(name: string, shape: Shape, ids: readonly ValueId[]): void {
    const at = (array: string, index: number, axis: number) =>
      this.apply("Gather", [array, this.constant("int64", index)], [attribute.whole("axis", axis)]);
    if (shape.length === 0) this.names.set(ids[0], name);
    else if (shape.length === 1) for (const [i, id] of ids.entries()) this.names.set(id, at(name, i, -1));
    else
      for (let i = 0; i < shape[0]; i++)
        this.input(at(name, i, -2), shape.slice(1), ids.slice(i * shape[1], (i + 1) * shape[1]));
  }

  /** Elements as an array whose last axes have this shape. */
  private stacked(shape: Shape, items: readonly string[]): string {
    const [length, ...rest] = shape;
    if (length === undefined) return items[0];
    const axis = -shape.length;
    const size = items.length / length;
    const parts = Array.from({ length }, (_, i) => {
      const part = this.stacked(rest, items.slice(i * size, (i + 1) * size));
      return this.apply("Unsqueeze", [part, this.apply("Constant", [], [attribute.tensor("value", "int64", [axis])])]);
    });
    return this.apply("Concat", parts, [attribute.whole("axis", axis)]);
  }

  /** The shape that all inputs' batches broadcast to; undefined where there are no inputs. */
  private commonShape(inputs: readonly Shaped[]): string | undefined {
    if (inputs.length === 0) return undefined;
    const all = inputs.map(({ elements }) => this.of(elements[0]));
    return this.apply("Shape", [all.length === 1 ? all[0] : this.apply("Sum", all)]);
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

  private readonly info = (name: string) => valueInfo(name, this.type, []);

  private region(region: Region): void {
    for (const node of region.nodes) this.node(node);
  }

  private node(node: Node): void {
    switch (node.kind) {
      case "constant":
        this.names.set(node.output, this.operators.number(node.value));
        if (node.value === 1) this.ones.add(node.output);
        break;
      case "op": {
        const emit = onnxOps[node.op];
        if (!emit) throw this.refused(`"${node.op}" has no ONNX operator that means the same`, node);
        if (isIndexCheck(node.op)) this.checkIndex(node);
        if ((node.op === "<" || node.op === "=") && this.isInside.has(node.args[0]))
          this.choices.set(node.output, node.args[0]);
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

  private refused(what: string, { span }: Extract<Node, { kind: "op" }>): SoftmachineError {
    return span ? new SourceError(what, this.graph.source, span) : new SoftmachineError(what);
  }

  /** Notes whether an index is a whole number inside its array: what it chooses otherwise is NaN. */
  private checkIndex(node: Extract<Node, { kind: "op" }>): void {
    const { args, output } = node;
    if (this.ones.has(args[1]))
      throw this.refused("an index that is computed, of an array of one element, has no form in ONNX", node);
    const [index, length] = args.map((id) => this.of(id));
    const whole = this.apply("Equal", [index, this.apply("Floor", [index])]);
    const low = this.apply("GreaterOrEqual", [index, this.operators.number(0)]);
    const inside = this.apply("And", [low, this.apply("Less", [index, length])]);
    this.isInside.set(output, this.apply("And", [whole, inside]));
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
    const inside = this.isInside.get(this.choices.get(node.test) ?? -1);
    if (inside === undefined) return;
    const notANumber = this.operators.number(Number.NaN);
    for (const id of node.outputs) this.names.set(id, where(this.operators, inside, this.of(id), notANumber));
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
          valueInfo(iteration, "int64", []),
          valueInfo(going, "bool", []),
          ...[...variables, ...rest].map(this.info),
        ],
        outputs: [valueInfo(again, "bool", []), ...carried.map(this.info)],
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

/** A name for an output that no input or other output has. */
function outputName(wanted: string, taken: Set<string>): string {
  let name = wanted;
  while (taken.has(name)) name = `%${name}`;
  taken.add(name);
  return name;
}

/**
 * A program as an ONNX model (operator set 18): the inputs by name, and the output `value`; with `gradient` also its slope
 * in each input, `d/dx`. An output's name that is an input's too begins with %. Branches and loops are ONNX's own, so that
 * only what is taken is computed: such a program takes one row. Others take batches: inputs of any shapes that broadcast
 * together, an array's own axes last.
 *
 * @param graph of the value, or, with `gradient`, of the value and its slopes.
 * @param iterations how often a loop may run; past that its value is NaN, as is what an index outside its array chooses.
 * @throws SourceError for `gcd` and `lcm`; SoftmachineError for recursion and for strict mode, which ONNX has not.
 */
export function emitOnnx(
  graph: Graph,
  face: Interface,
  gradient: boolean,
  iterations: number,
): Uint8Array<ArrayBuffer> {
  if (graph.arithmetic.domain === "strict")
    throw new SoftmachineError("an ONNX model can't refuse its inputs: compile it without the strict domain");
  return new OnnxWriter(graph, iterations).model(face, gradient);
}
