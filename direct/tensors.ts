import { createRequire } from "node:module";
import type * as TensorFlow from "@tensorflow/tfjs";
import { checkNames, SoftmachineError } from "../scheme/index.js";
import { checkRecord } from "./inputs.js";
import type { DirectModule } from "./module.js";

type Tensor = TensorFlow.Tensor;

/** The same TensorFlow.js that the caller's tensors came from, loaded only when there are tensors. */
const load = createRequire(import.meta.url);
let loaded: typeof TensorFlow | undefined;

function tensorFlow(): typeof TensorFlow {
  loaded ??= load("@tensorflow/tfjs") as typeof TensorFlow;
  return loaded;
}

/** The shape that shapes broadcast to, by NumPy's rule. */
function broadcastShape(named: readonly (readonly [string, readonly number[]])[]): number[] {
  const rank = Math.max(0, ...named.map(([, shape]) => shape.length));
  const result = new Array<number>(rank).fill(1);
  for (const [name, shape] of named)
    for (const [i, size] of shape.entries()) {
      const at = rank - shape.length + i;
      if (size === 1 || size === result[at]) continue;
      if (result[at] !== 1)
        throw new SoftmachineError(
          `input "${name}" of shape [${shape}] does not broadcast with the others, [${result}]`,
        );
      result[at] = size;
    }
  return result;
}

/** A module elementwise over tensors, as an operation with a gradient. */
export function applyToTensors(module: DirectModule, tensors: Readonly<Record<string, Tensor>>): Tensor {
  checkRecord(tensors);
  if ([module.shape, ...Object.values(module.inputShapes)].some((shape) => shape.length > 0))
    throw new SoftmachineError("tensors are for programs on numbers, element by element; this one is on arrays");
  const tf = tensorFlow();
  const names = module.inputs;
  const isParameter = (name: string) => Object.hasOwn(module.parameters, name) && !Object.hasOwn(tensors, name);
  checkNames(names, [...Object.keys(tensors), ...names.filter(isParameter)]);
  for (const [name, tensor] of Object.entries(tensors)) {
    if (!(tensor instanceof tf.Tensor)) throw new SoftmachineError(`input "${name}" must be a tensor`);
    if (tensor.isDisposed) throw new SoftmachineError(`input "${name}" is a tensor that was disposed`);
    if (tensor.dtype === "string" || tensor.dtype === "complex64")
      throw new SoftmachineError(`input "${name}" must be a tensor of real numbers, not of ${tensor.dtype}`);
  }
  return tf.tidy(() => {
    const given = names.map((name) => (isParameter(name) ? tf.scalar(module.parameters[name]) : tensors[name]));
    const shape = broadcastShape(given.map((tensor, i) => [names[i], tensor.shape] as const));
    // Broadcasting is outside the operation, so that its own gradient sums over what was spread out.
    const spread = given.map((tensor) => {
      const floats = tensor.dtype === "float32" ? tensor : tensor.toFloat();
      if (floats.shape.length === shape.length && floats.shape.every((size, i) => size === shape[i])) return floats;
      // TensorFlow.js cannot broadcast to a shape without elements by its own operation for it.
      return shape.includes(0) ? floats.add(tf.zeros(shape)) : tf.broadcastTo(floats, shape);
    });
    return elementwise(tf, module, spread, shape);
  });
}

function elementwise(tf: typeof TensorFlow, module: DirectModule, tensors: readonly Tensor[], shape: number[]): Tensor {
  if (tensors.length === 0) return tf.scalar(module.evaluate({}));
  const op = tf.customGrad((...saved) => {
    const save = saved.pop() as TensorFlow.GradSaveFunc;
    const inputs = saved as Tensor[];
    save(inputs);
    const columns = Object.fromEntries(inputs.map((x, i) => [module.inputs[i], x.dataSync() as Float32Array]));
    const value = tf.tensor(Float32Array.from(module.batch(columns)), shape, "float32");
    const gradFunc = (dy: Tensor, kept: Tensor[]) =>
      module.inputs.map((name) => dy.mul(elementwise(tf, module.partial(name), kept, shape)));
    return { value, gradFunc: gradFunc as (dy: Tensor, kept: Tensor[]) => Tensor | Tensor[] };
  });
  return op(...tensors);
}
