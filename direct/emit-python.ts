import { type Budget, SoftmachineError } from "../scheme/index.js";
import { type Graph, type Region, regionsOf } from "./graph.js";
import { numberText, PythonWriter } from "./graph-to-python.js";
import { type Dialect, pythonHelpers } from "./python-ops.js";
import type { Interface } from "./shaped-values.js";

/** Whether a graph has a loop anywhere, in its functions too. */
function hasLoops(graph: Graph): boolean {
  const scan = ({ nodes }: Region): boolean =>
    nodes.some((node) => node.kind === "loop" || regionsOf(node).some((inner) => scan(inner)));
  return [graph.main, ...graph.functions.values()].some(scan);
}

/** What gives a library's arrays of inputs by name. Their last axes are those of the input's shape, the first a batch's. */
const argumentsOf = (convert: string) => `def _arguments(given):
    unknown = [name for name in given if name not in inputs]
    if unknown:
        raise KeyError(f"unknown input {unknown[0]!r}")
    values = {**parameters, **given}
    missing = [name for name in inputs if name not in values]
    if missing:
        raise KeyError(f"missing input {missing[0]!r}")
    arguments = [${convert} for name in inputs]
    for name, x, shape in zip(inputs, arguments, shapes):
        if shape and tuple(x.shape[-len(shape) :]) != tuple(shape):
            raise ValueError(f"input {name!r} must end in the shape {shape}, not {list(x.shape)}")
    return arguments


def _elements(arguments):
    elements = []
    for x, shape in zip(arguments, shapes):
        flat = x.reshape(x.shape[: len(x.shape) - len(shape)] + (-1,)) if shape else x[..., None]
        elements.extend(flat[..., i] for i in range(flat.shape[-1]))
    return elements
`;

const valueText = (shape: readonly number[], library: string, broadcast: string) =>
  shape.length === 0
    ? `def _value(*arguments):
    return _program(*_elements(arguments))[0]
`
    : `def _value(*arguments):
    stacked = ${library}.stack(${broadcast}(*_program(*_elements(arguments))), -1)
    return stacked.reshape(stacked.shape[:-1] + ${tupleText(shape)})
`;

const tupleText = (shape: readonly number[]) => `(${shape.join(", ")}${shape.length === 1 ? "," : ""})`;

const evaluateOf = (promise: string) => `def evaluate(given):
    """The program's value for inputs by name${promise}."""
    return _value(*_arguments(given))
`;

const torchGradient = `def gradient(given):
    """The value, and its slope in each input by name."""
    leaves = [x.detach().clone().requires_grad_() for x in _arguments(given)]
    value = _value(*leaves)
    if not value.requires_grad:
        return value, {name: torch.zeros_like(x) for name, x in zip(inputs, leaves)}
    slopes = torch.autograd.grad(value.sum(), leaves, allow_unused=True)
    return value.detach(), {
        name: torch.zeros_like(x) if slope is None else slope for name, x, slope in zip(inputs, leaves, slopes)
    }
`;

const jaxGradient = (loops: boolean) => `def gradient(given):
    """The value, and its slope in each input by name."""
    arguments = _arguments(given)
    if not arguments:
        return _value(), {}
${
  loops
    ? `    # JAX has no reverse mode through while_loop.
    value = _value(*arguments)
    slopes = jax.jacfwd(_value, argnums=tuple(range(len(arguments))))(*arguments)
`
    : `    value, pull = jax.vjp(_value, *arguments)
    slopes = pull(jnp.ones_like(value))
`
}    return value, dict(zip(inputs, slopes))
`;

const torchHead = (type: string) => `import torch


def _number(x):
    return torch.tensor(x, dtype=torch.${type})
`;

const jaxHead = (type: string) => `import jax
import jax.numpy as jnp
from jax import lax
${type === "float64" ? `\njax.config.update("jax_enable_x64", True)\n` : ""}

def _number(x):
    return jnp.asarray(x, dtype=jnp.${type})
`;

/**
 * A program as a Python module for PyTorch or JAX: `evaluate(inputs)` and, of a program whose value is a number,
 * `gradient(inputs)`, with inputs by name in a dictionary, and slopes by the library's own differentiation. A program
 * without branches and loops takes arrays of any shapes that broadcast together, an input's own axes last; with them it
 * decides for single rows. An index outside its array is an IndexError in PyTorch; in JAX what it chooses is NaN, as is the
 * value of a loop past its budget.
 *
 * @throws SoftmachineError for strict mode, which neither has, and for recursion in JAX.
 */
export function emitPython(graph: Graph, dialect: Dialect, face: Interface, budget: Budget): string {
  if (graph.arithmetic.domain === "strict")
    throw new SoftmachineError(`the ${dialect} form can't refuse its inputs: compile it without the strict domain`);
  const writer = new PythonWriter(graph, dialect, budget);
  const program = writer.text();
  const type = graph.arithmetic.dtype;
  const { names, shapes, parameters, shape } = face;
  const values = Object.entries(parameters).map(([name, value]) => `${JSON.stringify(name)}: ${numberText(value)}`);
  const recursion =
    graph.functions.size > 0
      ? `import sys\n\nsys.setrecursionlimit(max(sys.getrecursionlimit(), ${Math.min(budget.frames, 1e8) + 1000}))\n`
      : "";
  const isTorch = dialect === "torch";
  const parts = [
    ...[...writer.helpers].map((name) => `${pythonHelpers[dialect].get(name)}\n`),
    `${program}\n`,
    argumentsOf(isTorch ? `torch.as_tensor(values[name], dtype=torch.${type})` : "_number(values[name])"),
    isTorch ? valueText(shape, "torch", "torch.broadcast_tensors") : valueText(shape, "jnp", "jnp.broadcast_arrays"),
    evaluateOf(isTorch ? ", as a tensor that gradients flow through" : ". It can be traced: by jit, grad and the like"),
    ...(shape.length > 0 ? [] : [isTorch ? torchGradient : jaxGradient(hasLoops(graph))]),
  ];
  return `# Made by softmachine from ${JSON.stringify(graph.source.name)}.
${recursion}${isTorch ? torchHead(type) : jaxHead(type)}

# The inputs' names, in order, their shapes, [] for a number, and values that stand where none is given.
inputs = [${names.map((name) => JSON.stringify(name)).join(", ")}]
shapes = ${JSON.stringify(shapes)}
parameters = {${values.join(", ")}}


${parts.join("\n\n")}`;
}
