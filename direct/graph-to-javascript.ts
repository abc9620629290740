import { specOf } from "../scheme/index.js";
import { countValues, type Graph, type Node, type Region, type ValueId } from "./graph.js";
import { checkOf, type DomainCheck, type GraphOp } from "./graph-ops.js";
import { javascriptOps } from "./javascript-ops.js";
import { JavascriptTape, tapeFunctions } from "./javascript-tape.js";
import { records } from "./tape.js";

/** What becomes of a region's results. */
interface Sink {
  /** Writes the statements that end the code they stand in. */
  readonly write: (results: readonly ValueId[]) => void;
  /** Those of the results that the function returns, where it is known that it returns here. */
  readonly returned: (results: readonly ValueId[]) => readonly ValueId[] | undefined;
}

const never = () => undefined;

/** How calls are made: on JavaScript's stack, or by yielding to a driver with a stack of its own. */
type Calls = "direct" | "deep";

const numberLiteral = (value: number): string => {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "Infinity" : "-Infinity";
  return Object.is(value, -0) || value < 0 ? `(${Object.is(value, -0) ? "-0" : value})` : String(value);
};

/** Whether the results of an operation on float32 numbers are such numbers as they are. */
const isRepresentable = (op: GraphOp) =>
  op !== "chain*" && op !== "quotient" && op !== "lcm" && specOf(op).derivative === "step";

/** Most variables of the function made: each takes room on JavaScript's stack. Past it, slots are elements of an array. */
const mostVariables = 20_000;

/** Writes a graph as JavaScript: one variable a slot, regions as blocks, loops as loops. */
export class JavascriptWriter {
  readonly checks: DomainCheck[] = [];
  private readonly graph: Graph;
  private readonly constants = new Map<ValueId, number>();
  private readonly functionNumbers: ReadonlyMap<string, number>;
  private readonly lines: string[] = [];
  private indent = 0;
  private labels = 0;
  /** The depth that a call at this place has. */
  private depth = "1";
  /** Where slots stand in the array that holds them; undefined where they are variables. */
  private places: Map<ValueId, number> | undefined;
  /** Only the main region goes back over loops. */
  private readonly tape = new JavascriptTape({
    line: (text) => this.line(text),
    block: (head, body) => this.block(head, body),
    slot: (id) => this.slot(id),
    region: (region, write) => this.region(region, "direct", write),
  });

  constructor(graph: Graph) {
    this.graph = graph;
    this.functionNumbers = new Map([...graph.functions.keys()].map((name, i) => [name, i]));
  }

  /** The source of a function that reads its inputs by row from arrays and writes its results by row. */
  batch(): string {
    const { main, inputs } = this.graph;
    const arrays = [...inputs.map((_, i) => `x${i}`), ...main.results.map((_, i) => `y${i}`)];
    return this.module(["count", "strides", ...arrays], () => {
      this.block("rows: for (let row = 0; row < count; row++)", () => {
        this.line("left = h.iterations; h.row = row;");
        if (records(main)) this.line("top = 0;");
        for (const [i, id] of main.parameters.entries())
          this.line(`${this.declared(id)} = ${this.rounded(`x${i}[strides[${i}] * row]`)};`);
        const write = (results: readonly ValueId[]) => {
          for (const [i, id] of results.entries()) this.line(`y${i}[row] = ${this.slot(id)};`);
          this.line("continue rows;");
        };
        this.ending(main, "direct", { write, returned: never });
      });
    });
  }

  /** The source of a function of the inputs that gives its only result, or all of them in an array. */
  single(): string {
    const { main } = this.graph;
    const parameters = main.parameters.map((id) => `x${id}`);
    return this.module(parameters, () => {
      this.line("left = h.iterations;");
      if (records(main)) this.line("top = 0;");
      for (const id of main.parameters) this.line(`${this.declared(id)} = ${this.rounded(`x${id}`)};`);
      this.ending(main, "direct", { write: (results) => this.returnOf(results), returned: never });
    });
  }

  private module(parameters: readonly string[], body: () => void): string {
    this.line(`"use strict";`);
    this.line("let left = 0;");
    if (records(this.graph.main)) this.line(tapeFunctions);
    for (const [name, region] of this.graph.functions) {
      const number = this.functionNumbers.get(name) ?? 0;
      this.functionOf(`f${number}`, region, number, "direct");
      this.functionOf(`g${number}`, region, number, "deep");
    }
    this.depth = "1";
    const list = parameters.join(", ");
    // Only a function that does not recur can have one array for all its runs; the code that goes back over loops has variables.
    const isLarge = countValues(this.graph.main) > mostVariables && !records(this.graph.main);
    if (isLarge) this.places = new Map();
    const at = this.lines.length;
    this.block(`function run(${list})`, body);
    if (this.places) this.lines.splice(at, 0, `const m = new Float64Array(${this.places.size});`);
    this.places = undefined;
    this.line(`return function (${list}) { try { return run(${list}); } catch (error) { throw h.explain(error); } };`);
    return this.lines.join("\n");
  }

  private functionOf(name: string, region: Region, number: number, calls: Calls): void {
    const parameters = region.parameters.map((id) => `s${id}`);
    const direct = calls === "direct";
    this.block(
      direct
        ? `function ${name}(${["depth", ...parameters].join(", ")})`
        : `function* ${name}(${parameters.join(", ")})`,
      () => {
        if (direct) this.line(`if (depth > h.shallow) return h.drive(g${number}, [${parameters.join(", ")}], depth);`);
        this.depth = "depth + 1";
        this.line("if (--left < 0) h.outOfIterations();");
        this.ending(region, calls, { write: (results) => this.returnOf(results), returned: (results) => results });
      },
    );
  }

  private returnOf(results: readonly ValueId[]): void {
    const values = results.map((id) => this.slot(id));
    this.line(`return ${values.length === 1 ? values[0] : `[${values.join(", ")}]`};`);
  }

  private line(text: string): void {
    this.lines.push("  ".repeat(this.indent) + text);
  }

  private block(head: string, body: () => void): void {
    this.line(`${head} {`);
    this.indent++;
    body();
    this.indent--;
    this.line("}");
  }

  private slot(id: ValueId): string {
    const value = this.constants.get(id);
    return value === undefined ? this.variable(id) : numberLiteral(value);
  }

  private variable(id: ValueId): string {
    if (!this.places) return `s${id}`;
    const place = this.places.get(id) ?? this.places.size;
    this.places.set(id, place);
    return `m[${place}]`;
  }

  /** A slot where it is set for the first time. */
  private declared(id: ValueId, keyword = "const"): string {
    return this.places ? this.variable(id) : `${keyword} s${id}`;
  }

  /** Declares slots that are set later. */
  private declare(ids: readonly ValueId[]): void {
    if (ids.length > 0 && !this.places) this.line(`let ${ids.map((id) => `s${id}`).join(", ")};`);
  }

  private rounded(expression: string): string {
    return this.graph.arithmetic.dtype === "float32" ? `fround(${expression})` : expression;
  }

  /** A region's nodes, then its results. */
  private region(region: Region, calls: Calls, write: Sink["write"]): void {
    for (const node of region.nodes) this.node(node, calls);
    write(region.results);
  }

  /**
   * As `region`, for a region that ends its function or its loop: where its results are those of its last node, that
   * node's branches and exits end it themselves, and a call whose value the function returns is a tail call.
   */
  private ending(region: Region, calls: Calls, sink: Sink): void {
    for (const node of region.nodes) if (node.kind === "constant") this.constants.set(node.output, node.value);
    const last = region.nodes.findLast((node) => node.kind !== "constant");
    const same = (ids: readonly ValueId[], others: readonly ValueId[] | undefined) =>
      ids.length === others?.length && ids.every((id, i) => id === others[i]);
    const before = () => {
      for (const node of region.nodes) if (node !== last) this.node(node, calls);
    };
    if (last?.kind === "if" && region.results.some((id) => last.outputs.includes(id))) {
      before();
      const side = (branch: Region): Region => ({
        ...branch,
        results: region.results.map((id) => {
          const position = last.outputs.indexOf(id);
          return position < 0 ? id : branch.results[position];
        }),
      });
      this.block(`if (${this.slot(last.test)} !== 0)`, () => this.ending(side(last.consequent), calls, sink));
      this.block("else", () => this.ending(side(last.alternative), calls, sink));
    } else if (last?.kind === "loop" && same(last.outputs, region.results)) {
      before();
      this.loop(last, calls, sink);
    } else if (last?.kind === "call" && same(last.outputs, sink.returned(region.results))) {
      before();
      const number = this.functionNumbers.get(last.callee);
      const args = last.args.map((id) => this.slot(id));
      this.line(
        calls === "direct"
          ? `return f${number}(${[this.depth, ...args].join(", ")});`
          : `return new h.TailCall(g${number}, [${args.join(", ")}]);`,
      );
    } else this.region(region, calls, sink.write);
  }

  private node(node: Node, calls: Calls): void {
    switch (node.kind) {
      case "constant":
        this.constants.set(node.output, node.value);
        break;
      case "op":
        this.line(`${this.declared(node.output)} = ${this.operation(node)};`);
        break;
      case "if": {
        this.declare(node.outputs);
        const assign = (results: readonly ValueId[]) => {
          for (const [i, id] of results.entries()) this.line(`${this.variable(node.outputs[i])} = ${this.slot(id)};`);
        };
        this.block(`if (${this.slot(node.test)} !== 0)`, () => this.region(node.consequent, calls, assign));
        this.block("else", () => this.region(node.alternative, calls, assign));
        break;
      }
      case "loop": {
        const label = `out${this.labels++}`;
        this.tape.declare(node);
        this.declare(node.outputs);
        const write = (results: readonly ValueId[]) => {
          for (const [i, id] of results.entries()) this.line(`${this.variable(node.outputs[i])} = ${this.slot(id)};`);
          this.line(`break ${label};`);
        };
        this.block(`${label}:`, () => this.loop(node, calls, { write, returned: never }));
        break;
      }
      case "reverse":
        this.tape.reverse(node);
        break;
      case "call": {
        const number = this.functionNumbers.get(node.callee);
        const args = node.args.map((id) => this.slot(id));
        const outputs = node.outputs.map((id) => this.variable(id));
        const target = `${this.places ? "" : "const "}${outputs.length === 1 ? outputs[0] : `[${outputs.join(", ")}]`}`;
        this.line(
          calls === "direct"
            ? `${target} = f${number}(${[this.depth, ...args].join(", ")});`
            : `${target} = yield [g${number}, [${args.join(", ")}]];`,
        );
        break;
      }
    }
  }

  private operation(node: Extract<Node, { kind: "op" }>): string {
    const emit = javascriptOps[node.op];
    if (!emit) throw new Error(`${node.op} works on arrays`);
    const args = node.args.map((id) => this.slot(id));
    const result = isRepresentable(node.op) ? emit(...args) : this.rounded(emit(...args));
    const check = checkOf(this.graph.arithmetic, node.op, node.span);
    if (!check) return result;
    this.checks.push(check);
    return `(h.check(${[this.checks.length - 1, ...args].join(", ")}), ${result})`;
  }

  /** A loop whose exits are ended by `sink`. */
  private loop(node: Extract<Node, { kind: "loop" }>, calls: Calls, sink: Sink): void {
    const { body, initial, outputs } = node;
    const label = `loop${this.labels++}`;
    const exits = (results: readonly ValueId[]) =>
      results.slice(1 + initial.length, 1 + initial.length + outputs.length);
    const write = (results: readonly ValueId[]) => {
      const flag = this.constants.get(results[0]);
      if (flag === 0) {
        sink.write(exits(results));
        return;
      }
      if (flag === undefined) this.block(`if (${this.slot(results[0])} === 0)`, () => sink.write(exits(results)));
      this.tape.save(node, results);
      this.assign(body.parameters, results.slice(1, 1 + initial.length));
      this.line(`continue ${label};`);
    };
    const returned: Sink["returned"] = (results) =>
      this.constants.get(results[0]) === 0 ? sink.returned(exits(results)) : undefined;
    for (const [i, id] of body.parameters.entries())
      this.line(`${this.declared(id, "let")} = ${this.slot(initial[i])};`);
    this.block(`${label}: for (;;)`, () => {
      this.line("if (--left < 0) h.outOfIterations();");
      this.tape.iteration(node);
      this.ending(body, calls, { write, returned });
    });
  }

  /** All variables at once: none sees another's new value. */
  private assign(variables: readonly ValueId[], values: readonly ValueId[]): void {
    const moves = variables.map((id, i) => ({ id, value: values[i] })).filter(({ id, value }) => id !== value);
    const written = new Set<ValueId>();
    const clash = moves.some(({ id, value }) => {
      const seen = written.has(value);
      written.add(id);
      return seen;
    });
    if (!clash) {
      for (const { id, value } of moves) this.line(`${this.variable(id)} = ${this.slot(value)};`);
      return;
    }
    for (const [i, { value }] of moves.entries()) this.line(`const n${i} = ${this.slot(value)};`);
    for (const [i, { id }] of moves.entries()) this.line(`${this.variable(id)} = n${i};`);
  }
}
