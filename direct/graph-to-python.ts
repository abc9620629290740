import { type Budget, SoftmachineError, SourceError } from "../scheme/index.js";
import { executionOnly, type Graph, type Node, type Region, type ValueId } from "./graph.js";
import { isIndexCheck } from "./graph-ops.js";
import { type Dialect, pythonHelpers, pythonOps } from "./python-ops.js";

export const numberText = (value: number): string => {
  if (Number.isFinite(value)) return Object.is(value, -0) ? "-0.0" : String(value);
  return `float("${Number.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf"}")`;
};

/** Python takes 100 levels of indentation at most. */
const deepestIndent = 95;

/**
 * Writes a graph as Python. For PyTorch, which records what is computed, branches, loops and calls are Python's own; for
 * JAX, which traces, they are `lax.cond` and `lax.while_loop`.
 */
export class PythonWriter {
  readonly helpers = new Set<string>();
  private readonly lines: string[] = [];
  private readonly graph: Graph;
  private readonly dialect: Dialect;
  private readonly budget: Budget;
  private readonly functionNumbers: ReadonlyMap<string, number>;
  /** Of each test of an index that is computed, the text that says whether the index is inside its array. */
  private readonly choices = new Map<ValueId, string>();
  private readonly indices = new Map<ValueId, string>();
  private readonly ones = new Set<ValueId>();
  private indent = 0;
  private count = 0;

  constructor(graph: Graph, dialect: Dialect, budget: Budget) {
    this.graph = graph;
    this.dialect = dialect;
    this.budget = budget;
    this.functionNumbers = new Map([...graph.functions.keys()].map((name, i) => [name, i]));
  }

  text(): string {
    for (const [name, region] of this.graph.functions) {
      this.functionOf(`_function${this.functionNumbers.get(name)}`, region);
      this.lines.push("", "");
    }
    this.functionOf("_program", this.graph.main, tuple);
    return this.lines.join("\n");
  }

  private functionOf(name: string, region: Region, given = bare): void {
    this.block(`def ${name}(${region.parameters.map(slot).join(", ")}):`, () => {
      this.region(region);
      this.line(`return ${given(region.results.map(slot))}`);
    });
  }

  private line(text: string): void {
    if (this.indent > deepestIndent)
      throw new SoftmachineError(`the program nests too deeply for Python: more than ${deepestIndent} blocks`);
    this.lines.push("    ".repeat(this.indent) + text);
  }

  private block(head: string, body: () => void): void {
    this.line(head);
    this.indent++;
    body();
    this.indent--;
  }

  private region(region: Region): void {
    for (const node of region.nodes) this.node(node);
  }

  private node(node: Node): void {
    switch (node.kind) {
      case "constant":
        this.line(`${slot(node.output)} = _number(${numberText(node.value)})`);
        if (node.value === 1) this.ones.add(node.output);
        break;
      case "op": {
        const text = pythonOps[node.op](this.dialect, ...node.args.map(slot));
        if (this.dialect === "jax") this.noteIndex(node);
        for (const helper of pythonHelpers[this.dialect].keys())
          if (text.includes(`${helper}(`)) this.helpers.add(helper);
        this.line(`${slot(node.output)} = ${text}`);
        break;
      }
      case "call":
        this.call(node);
        break;
      case "if":
        if (this.dialect === "torch") this.branch(node);
        else this.cond(node);
        break;
      case "loop":
        if (this.dialect === "torch") this.loop(node);
        else this.whileLoop(node);
        break;
      case "reverse":
        executionOnly();
    }
  }

  /** JAX can't refuse an index while it traces: what is chosen by one outside its array is NaN. */
  private noteIndex({ op, args, output, span }: Extract<Node, { kind: "op" }>): void {
    const inside = this.indices.get(args[0]);
    if ((op === "<" || op === "=") && inside !== undefined) this.choices.set(output, inside);
    if (!isIndexCheck(op)) return;
    if (this.ones.has(args[1])) {
      const what = "an index that is computed, of an array of one element, has no form in JAX";
      throw span ? new SourceError(what, this.graph.source, span) : new SoftmachineError(what);
    }
    const [index, length] = args.map(slot);
    this.indices.set(output, `(0 <= ${index}) & (${index} < ${length}) & (${index} == jnp.floor(${index}))`);
  }

  private call(node: Extract<Node, { kind: "call" }>): void {
    if (this.dialect === "jax")
      throw new SoftmachineError(`"${node.callee}" calls itself, and JAX can't trace recursion; the torch form can`);
    const targets = node.outputs.map(slot);
    const number = this.functionNumbers.get(node.callee);
    this.line(`${targets.join(", ")} = _function${number}(${node.args.map(slot).join(", ")})`);
  }

  private assign(ids: readonly ValueId[], values: readonly ValueId[]): void {
    if (ids.length > 0) this.line(`${ids.map(slot).join(", ")} = ${values.map(slot).join(", ")}`);
    else this.line("pass");
  }

  private branch(node: Extract<Node, { kind: "if" }>): void {
    for (const [head, side] of [
      [`if ${slot(node.test)} != 0:`, node.consequent],
      ["else:", node.alternative],
    ] as const)
      this.block(head, () => {
        this.region(side);
        this.assign(node.outputs, side.results);
      });
  }

  private loop(node: Extract<Node, { kind: "loop" }>): void {
    const { body, initial, outputs } = node;
    const { iterations } = this.budget;
    this.assign(body.parameters, initial);
    const limited = Number.isFinite(iterations);
    this.block(limited ? `for _ in range(${iterations}):` : "while True:", () => {
      this.region(body);
      const [flag, ...results] = body.results;
      this.block(`if ${slot(flag)} == 0:`, () => {
        this.assign(outputs, results.slice(initial.length));
        this.line("break");
      });
      this.assign(body.parameters, results.slice(0, initial.length));
    });
    if (limited)
      this.block("else:", () => this.line(`raise RuntimeError("still running after ${iterations} iterations")`));
  }

  private cond(node: Extract<Node, { kind: "if" }>): void {
    const number = this.count++;
    for (const [name, side] of [
      ["then", node.consequent],
      ["else", node.alternative],
    ] as const)
      this.block(`def _${name}${number}():`, () => {
        this.region(side);
        this.line(`return ${tuple(side.results.map(slot))}`);
      });
    const targets = node.outputs.length > 0 ? tuple(node.outputs.map(slot)) : "_";
    this.line(`${targets} = lax.cond(${slot(node.test)} != 0, _then${number}, _else${number})`);
    const inside = this.choices.get(node.test);
    if (inside === undefined) return;
    for (const target of node.outputs.map(slot))
      this.line(`${target} = jnp.where(${inside}, ${target}, _number(float("nan")))`);
  }

  /** JAX's loop carries whether it goes on and how often it did; what does not end within the budget is NaN. */
  private whileLoop(node: Extract<Node, { kind: "loop" }>): void {
    const { body, initial, outputs } = node;
    const number = this.count++;
    const variables = body.parameters.map(slot);
    this.block(`def _body${number}(_state):`, () => {
      this.line(`${tuple(["_", "_count", ...variables])} = _state[:${2 + initial.length}]`);
      this.region(body);
      const [flag, ...results] = body.results.map(slot);
      this.line(`return ${tuple([`${flag} != 0`, "_count + 1", ...results])}`);
    });
    const limit = Number.isFinite(this.budget.iterations) ? Math.min(this.budget.iterations, 2 ** 31 - 1) : undefined;
    const goesOn = limit === undefined ? "_s[0]" : `_s[0] & (_s[1] < ${limit})`;
    const zeros = outputs.map(() => "_number(0)");
    const start = tuple(["jnp.asarray(True)", "jnp.asarray(0)", ...initial.map(slot), ...zeros]);
    this.line(`_state${number} = lax.while_loop(lambda _s: ${goesOn}, _body${number}, ${start})`);
    for (const [i, id] of outputs.entries()) {
      const result = `_state${number}[${2 + initial.length + i}]`;
      this.line(`${slot(id)} = jnp.where(_state${number}[0], _number(float("nan")), ${result})`);
    }
  }
}

const slot = (id: ValueId) => `s${id}`;
const tuple = (items: readonly string[]) => (items.length === 1 ? `(${items[0]},)` : `(${items.join(", ")})`);
/** One value by itself, several as a tuple. */
const bare = (items: readonly string[]) => (items.length === 1 ? items[0] : tuple(items));
