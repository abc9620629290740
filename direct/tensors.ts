import type { Tensor } from "@tensorflow/tfjs";
import { describeShape, type Shape, SoftmachineError, sizeOf } from "../scheme/index.js";
import {
  type ColumnLayout,
  type ColumnProgram,
  runColumns,
  type TensorFlowModule,
  tensorFlow,
} from "../tensor/index.js";
import { checkRecord } from "./inputs.js";
import type { Signature } from "./signature.js";

/**
 * The shape that shapes broadcast to, by NumPy's rule; a size of null is one that is not known yet.
 * @throws SoftmachineError naming the first that does not fit those before it.
 */
export function broadcastShape<Size extends number | null>(
  named: readonly (readonly [string, readonly Size[]])[],
): (Size | 1)[] {
  const rank = Math.max(0, ...named.map(([, shape]) => shape.length));
  const result = new Array<Size | 1>(rank).fill(1);
  for (const [name, shape] of named)
    for (const [i, size] of shape.entries()) {
      const at = rank - shape.length + i;
      if (size === 1 || size === result[at]) continue;
      if (result[at] === 1 || result[at] === null) result[at] = size;
      else if (size !== null)
        throw new SoftmachineError(
          `input "${name}" of shape [${shape}] does not broadcast with the others, [${result}]`,
        );
    }
  return result;
}

/**
 * The batch axes of what is given for an input: those before the input's own.
 * @throws SoftmachineError if its own are not the last.
 */
export function batchAxes<Size extends number | null>(name: string, given: readonly Size[], shape: Shape): Size[] {
  const rank = given.length - shape.length;
  if (rank < 0 || shape.some((length, i) => given[rank + i] !== length))
    throw new SoftmachineError(
      `input "${name}" is ${describeShape(shape)}, so its tensor's last axes are [${shape}]; its shape is [${given}]`,
    );
  return given.slice(0, rank);
}

function checkTensor(tf: TensorFlowModule, name: string, tensor: unknown): void {
  if (!(tensor instanceof tf.Tensor)) throw new SoftmachineError(`input "${name}" must be a tensor`);
  if (tensor.isDisposed) throw new SoftmachineError(`input "${name}" is a tensor that was disposed`);
  if (tensor.dtype === "string" || tensor.dtype === "complex64")
    throw new SoftmachineError(`input "${name}" must be a tensor of real numbers, not of ${tensor.dtype}`);
}

/**
 * A program on tensors, as an operation with a gradient. Inputs that are not given must have a value of their own.
 * @param shape of the program's value.
 * @param program takes the inputs named, in float32, and gives the value.
 */
export function applyToTensors(
  signature: Signature,
  shape: Shape,
  tensors: Readonly<Record<string, Tensor>>,
  program: (given: readonly string[]) => ColumnProgram,
): Tensor {
  checkRecord(tensors);
  signature.checkGiven(Object.keys(tensors));
  const tf = tensorFlow();
  const inputs = signature.names.flatMap((name, i) => {
    if (!Object.hasOwn(tensors, name)) return [];
    const tensor = tensors[name];
    checkTensor(tf, name, tensor);
    return [{ name, tensor, shape: signature.shapes[i], batch: batchAxes(name, tensor.shape, signature.shapes[i]) }];
  });
  const batch = broadcastShape(inputs.map((input) => [input.name, input.batch] as const));
  const rows = sizeOf(batch);
  return tf.tidy(() => {
    const places = blockPlaces(inputs, batch);
    const blocks = rows === 0 ? 1 : rows / places;
    // All that is done to tensors before and after the program is TensorFlow.js's own, so that its gradients hold.
    const columns = inputs.map(({ tensor, shape: own, batch: axes }) => {
      const floats = tensor.dtype === "float32" ? tensor : tensor.toFloat();
      const size = sizeOf(own);
      const layout = layoutOf(axes, batch, places);
      // What is the same for all rows, or for those of each block, or in each block, needs no copies.
      if (layout !== undefined && (size === 1 || sizeOf(axes) === 1)) return { tensor: floats, layout };
      const spread = sizeOf(axes) === rows ? floats : broadcastTo(tf, floats, [...batch, ...own]);
      const column = size === 1 || spread.size === size ? spread : spread.reshape([rows, size]).transpose();
      return { tensor: column, layout: { stride: 1, step: places } as const };
    });
    const size = sizeOf(shape);
    const full = [...batch, ...shape];
    const [value] = runColumns(
      tf,
      program(inputs.map(({ name }) => name)),
      columns.map(({ tensor }) => tensor),
      { blocks, places: rows === 0 ? 0 : places, layouts: columns.map(({ layout }) => layout) },
      [size === 1 ? full : [size, rows]],
    );
    return size === 1 ? value : value.transpose().reshape(full);
  });
}

/** Fewest places of a block: shorter ones cost more to go through than copies do. */
const leastPlaces = 64;

/**
 * The size of the last axes of a batch along each of which a number that is broadcast is either one or all there are; so the
 * batch is blocks of so many places. All of it, if that would be few.
 */
function blockPlaces(
  inputs: readonly { readonly shape: Shape; readonly batch: readonly number[] }[],
  batch: readonly number[],
): number {
  const rows = sizeOf(batch);
  const isSpread = (axes: readonly number[]) => ![1, rows].includes(sizeOf(axes));
  const spread = inputs.flatMap(({ shape, batch: axes }) =>
    isSpread(axes) && sizeOf(shape) === 1 ? [[...batch.map(() => 1), ...axes].slice(axes.length)] : [],
  );
  if (spread.length === 0) return rows;
  for (let axis = 1; axis < batch.length; axis++) {
    const places = sizeOf(batch.slice(axis));
    const fits = spread.every((axes) => layoutOf(axes, batch, places) !== undefined);
    if (fits && places >= leastPlaces) return places;
  }
  return rows;
}

/** How numbers of these batch axes lie for blocks of places; undefined if they would have to be copied. */
function layoutOf(axes: readonly number[], batch: readonly number[], places: number): ColumnLayout | undefined {
  const rows = sizeOf(batch);
  const size = sizeOf(axes);
  if (size === rows) return { stride: 1, step: places };
  if (size === 1) return { stride: 0, step: 0 };
  if (places === rows) return undefined;
  const all = [...batch.map(() => 1), ...axes].slice(axes.length);
  let inner = 0;
  while (sizeOf(batch.slice(batch.length - inner)) !== places) inner++;
  const [outside, inside] = [sizeOf(all.slice(0, batch.length - inner)), sizeOf(all.slice(batch.length - inner))];
  if (outside === 1 && inside === places) return { stride: 1, step: 0 };
  if (inside === 1 && outside === rows / places) return { stride: 0, step: 1 };
  return undefined;
}

/** TensorFlow.js can't broadcast to a shape without elements by its own operation for it. */
const broadcastTo = (tf: TensorFlowModule, tensor: Tensor, shape: number[]): Tensor =>
  shape.includes(0) ? tensor.add(tf.zeros(shape)) : tf.broadcastTo(tensor, shape);
