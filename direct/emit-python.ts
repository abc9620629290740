import { type Budget, SoftmachineError } from "../scheme/index.js";
import { executionOnly, type Graph, type Node, type Region, regionsOf, type ValueId } from "./graph.js";
import { type Dialect, pythonHelpers, pythonOps } from "./python-ops.js";

const numberText = (value: number): string => {
  if (Number.isFinite(value)) return Object.is(value, -0) ? "-0.0" : String(value);
  return `float("${Number.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf"}")`;
};

/** Python takes 100 levels of indentation at most. */
const deepestIndent = 95;

/** What a graph has of control flow, in its functions too. */
function controlOf(graph: Graph): { readonly loops: boolean; readonly branches: boolean } {
  const control = { loops: false, branches: false };
  const scan = (region: Region) => {
    for (const node of region.nodes) {
      if (node.kind === "loop") control.loops = true;
      if (node.kind === "if") control.branches = true;
      for (const inner of regionsOf(node)) scan(inner);
    }
  };
  for (const region of [graph.main, ...graph.functions.values()]) scan(region);
  return control;
}

/**
 * Writes a graph as Python. For PyTorch, which records what is computed, branches, loops and calls are Python's own; for
 * JAX, which traces, they are `lax.cond` and `lax.while_loop`.
 */
class PythonWriter {
  readonly helpers = new Set<string>();
  private readonly lines: string[] = [];
  private readonly graph: Graph;
  private readonly dialect: Dialect;
  private readonly budget: Budget;
  private readonly functionNumbers: ReadonlyMap<string, number>;
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
    this.functionOf("_program", this.graph.main);
    return this.lines.join("\n");
  }

  private functionOf(name: string, region: Region): void {
    this.block(`def ${name}(${region.parameters.map(slot).join(", ")}):`, () => {
      this.region(region);
      const results = region.results.map(slot);
      this.line(`return ${results.length === 1 ? results[0] : tuple(results)}`);
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
        break;
      case "op": {
        const text = pythonOps[node.op]?.(this.dialect, ...node.args.map(slot));
        if (text === undefined)
          throw new SoftmachineError(`"${node.op}" with an index that is computed has no form in ${this.dialect}`);
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

const torchTail = (type: string) => `
def _arguments(given):
    unknown = [name for name in given if name not in inputs]
    if unknown:
        raise KeyError(f"unknown input {unknown[0]!r}")
    values = {**parameters, **given}
    return [torch.as_tensor(values[name], dtype=torch.${type}) for name in inputs]


def evaluate(given):
    """The program's value for inputs by name, as a tensor that gradients flow through."""
    return _program(*_arguments(given))


def gradient(given):
    """The value, and its slope in each input by name."""
    leaves = [x.detach().clone().requires_grad_() for x in _arguments(given)]
    value = _program(*leaves)
    if not value.requires_grad:
        return value, {name: torch.zeros_like(x) for name, x in zip(inputs, leaves)}
    slopes = torch.autograd.grad(value.sum(), leaves, allow_unused=True)
    return value.detach(), {
        name: torch.zeros_like(x) if slope is None else slope for name, x, slope in zip(inputs, leaves, slopes)
    }
`;

const jaxTail = (loops: boolean) => `
def _arguments(given):
    unknown = [name for name in given if name not in inputs]
    if unknown:
        raise KeyError(f"unknown input {unknown[0]!r}")
    values = {**parameters, **given}
    return [_number(values[name]) for name in inputs]


def evaluate(given):
    """The program's value for inputs by name. It can be traced: by jit, grad and the like."""
    return _program(*_arguments(given))


def gradient(given):
    """The value, and its slope in each input by name."""
    arguments = _arguments(given)
    if not arguments:
        return _program(), {}
${
  loops
    ? `    # JAX has no reverse mode through while_loop.
    value = _program(*arguments)
    slopes = jax.jacfwd(_program, argnums=tuple(range(len(arguments))))(*arguments)
`
    : `    value, pull = jax.vjp(_program, *arguments)
    slopes = pull(jnp.ones_like(value))
`
}    return value, dict(zip(inputs, slopes))
`;

/**
 * A program as a Python module for PyTorch or JAX: `evaluate(inputs)` and `gradient(inputs)`, with inputs by name in a
 * dictionary, and slopes by the framework's own differentiation. A program without branches and loops takes arrays of any
 * shapes that broadcast together; with them it decides for single numbers.
 *
 * @throws SoftmachineError for strict mode, which neither has, and for recursion in JAX.
 */
export function emitPython(
  graph: Graph,
  dialect: Dialect,
  parameters: Readonly<Record<string, number>>,
  budget: Budget,
): string {
  if (graph.arithmetic.domain === "strict")
    throw new SoftmachineError(`the ${dialect} form can't refuse its inputs: compile it without the strict domain`);
  const writer = new PythonWriter(graph, dialect, budget);
  const program = writer.text();
  const { loops } = controlOf(graph);
  const type = graph.arithmetic.dtype;
  const values = Object.entries(parameters).map(([name, value]) => `${JSON.stringify(name)}: ${numberText(value)}`);
  const helpers = [...writer.helpers].map((name) => `${pythonHelpers[dialect].get(name)}\n\n\n`).join("");
  const recursion =
    graph.functions.size > 0
      ? `import sys\n\nsys.setrecursionlimit(max(sys.getrecursionlimit(), ${Math.min(budget.frames, 1e8) + 1000}))\n`
      : "";
  const head =
    dialect === "torch"
      ? `import torch\n\n\ndef _number(x):\n    return torch.tensor(x, dtype=torch.${type})\n`
      : `import jax\nimport jax.numpy as jnp\nfrom jax import lax\n\n${type === "float64" ? `jax.config.update("jax_enable_x64", True)\n\n` : ""}
def _number(x):\n    return jnp.asarray(x, dtype=jnp.${type})\n`;
  const origin = JSON.stringify(graph.source.name);
  return `# Made by softmachine from ${origin}.
${recursion}${head}

# The inputs' names, in order, and values that stand where none is given.
inputs = [${graph.inputs.map((name) => JSON.stringify(name)).join(", ")}]
parameters = {${values.join(", ")}}


${helpers}${program}

${dialect === "torch" ? torchTail(type) : jaxTail(loops)}`;
}
