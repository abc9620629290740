/**
 * Programs of ours as operations of TensorFlow.js, on every backend, with gradients of any order. On wasm they run in the
 * backend's own heap, on the tensors as they lie.
 */
import type * as TensorFlow from "@tensorflow/tfjs";
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import type { WebAssemblyMemory } from "../kernel/index.js";
import { heapOf } from "./heap.js";

type TensorFlowModule = typeof TensorFlow;
type Tensor = TensorFlow.Tensor;

/** How many blocks of rows there are, and how many bytes each column moves on from block to block. */
export interface Blocks {
  readonly count: number;
  readonly steps: readonly number[];
}

/**
 * How an input's columns lie for rows that are blocks of places: by how many numbers they move on from place to place, 1 or 0,
 * and from block to block.
 */
export interface ColumnLayout {
  readonly stride: 0 | 1;
  readonly step: number;
}

/** Rows as blocks of places, and how each input lies for them. */
export interface RowBlocks {
  readonly blocks: number;
  readonly places: number;
  readonly layouts: readonly ColumnLayout[];
}

/**
 * A function of float32 numbers that is applied row by row. Each of its inputs and outputs is some columns: the first number
 * of all rows, then the second, and so on. Strides are 1, or 0 for a column that is one number for every row.
 */
export interface ColumnProgram {
  /** How many columns each input and each output is. */
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  /**
   * Runs on one row or more of a memory, at the byte addresses of the columns of the inputs, then of the outputs; or on several
   * blocks of so many rows, one after the other.
   */
  runInMemory(
    memory: WebAssemblyMemory,
    rows: number,
    strides: readonly number[],
    addresses: readonly number[],
    blocks?: Blocks,
  ): void;
  /** Runs on arrays: the columns of the inputs, then of the outputs. */
  runOnArrays(rows: number, strides: readonly number[], arrays: readonly Float32Array[]): void;
  /**
   * As operations on the columns of the inputs, of shape [rows] or [], that give those of the outputs, of either shape;
   * undefined if it can't be written so.
   */
  readonly onTensors?: ((tf: TensorFlowModule, columns: readonly Tensor[]) => readonly Tensor[]) | undefined;
  /** Takes the inputs, then the slopes of some number in each output; gives the slopes of that number in each input. */
  pullback(): ColumnProgram;
}

const kernelName = "SoftmachineColumns";

/** What one operation runs. */
interface Call extends RowBlocks {
  readonly program: ColumnProgram;
  /** Of the outputs. */
  readonly shapes: readonly number[][];
}

/** Where the attributes that TensorFlow.js hands on to kernel and gradient hold the call: by names they hold plain data only. */
const callKey = Symbol("call");

type Attributes = { readonly [callKey]: Call };

function callOf(attributes: TensorFlow.NamedAttrMap | undefined): Call {
  if (!attributes || !(callKey in attributes)) throw new Error(`${kernelName} is called by softmachine alone`);
  return (attributes as Attributes)[callKey];
}

/** Backends that have the kernel. */
const registered = new Set<string>();

/** Makes kernel and gradient known; starts the default backend if none runs yet. */
function register(tf: TensorFlowModule): void {
  const backendName = tf.backend() && tf.getBackend();
  registered.add(backendName);
  tf.registerKernel({
    kernelName,
    backendName,
    kernelFunc: backendName === "wasm" ? runInHeap : (params) => runAnywhere(tf, params),
  });
  if (registered.size > 1) return;
  tf.registerGradient({
    kernelName,
    saveAllInputs: true,
    gradFunc: (dy, saved, attributes) => pullBack(tf, callOf(attributes), saved, Array.isArray(dy) ? dy : [dy]),
  });
}

/**
 * Runs a program on tensors as a differentiable operation.
 *
 * @param tensors for each input one of dtype float32, its columns one after the other; of `rows` numbers each, or of one that
 * stands for every row.
 * @param rows how many, or how they are blocks of places: then a column may be one number for each block, or for each place.
 * @param shapes of the outputs, which hold their columns one after the other.
 */
export function runColumns(
  tf: TensorFlowModule,
  program: ColumnProgram,
  tensors: readonly Tensor[],
  rows: number | RowBlocks,
  shapes: readonly number[][],
): Tensor[] {
  const engine = tf.engine();
  if (!registered.has(engine.backendName)) register(tf);
  // TensorFlow.js saves all inputs of arrays only, which its types don't name.
  const inputs = Object.assign([...tensors], {} as TensorFlow.NamedTensorMap);
  const attributes: Attributes = {
    [callKey]: { program, shapes, ...(typeof rows === "number" ? oneBlock(program, tensors, rows) : rows) },
  };
  return engine.runKernel<Tensor[]>(kernelName, inputs, attributes);
}

/** Rows in one block: an input has a number for each, or one for all. */
const oneBlock = (program: ColumnProgram, tensors: readonly Tensor[], rows: number): RowBlocks => ({
  blocks: 1,
  places: rows,
  layouts: tensors.map(({ size }, i) =>
    size === program.inputs[i] * rows ? { stride: 1, step: rows } : { stride: 0, step: 0 },
  ),
});

/** The shape of an input's columns: an axis along which they stay the same is 1. */
const columnShape = (columns: number, { stride, step }: ColumnLayout, { blocks, places }: RowBlocks) => [
  columns,
  step === 0 ? 1 : blocks,
  stride === 0 ? 1 : places,
];

/** The slopes of the inputs, summed over the rows for which an input is one number. */
function pullBack(
  tf: TensorFlowModule,
  call: Call,
  inputs: readonly Tensor[],
  slopes: readonly Tensor[],
): Record<string, () => Tensor> {
  const { program, blocks, places, layouts } = call;
  const whole: ColumnLayout = { stride: 1, step: places };
  const rows = { blocks, places, layouts: [...layouts, ...slopes.map(() => whole)] };
  const shapes = inputs.map((_, i) => [program.inputs[i], blocks, places]);
  const results = runColumns(tf, program.pullback(), [...inputs, ...slopes], rows, shapes);
  return Object.fromEntries(
    results.map((slope, i) => [
      i,
      () => {
        const own = columnShape(program.inputs[i], layouts[i], call);
        const axes = [1, 2].filter((axis) => own[axis] < slope.shape[axis]);
        return tf.reshape(axes.length === 0 ? slope : tf.sum(slope, axes), inputs[i].shape);
      },
    ]),
  );
}

/** Runs on the wasm backend's heap: copies nothing. */
const runInHeap: TensorFlow.KernelFunc = ({ inputs, attrs, backend }) => {
  const { program, blocks, places, layouts, shapes } = callOf(attrs);
  const wasm = backend as BackendWasm;
  const outputs = shapes.map((shape) => wasm.makeOutput(shape, "float32"));
  if (blocks * places === 0) return outputs;
  const strides: number[] = [];
  const addresses: number[] = [];
  const steps: number[] = [];
  const add = (tensor: TensorFlow.TensorInfo | undefined, columns: number, { stride, step }: ColumnLayout) => {
    if (!tensor) throw new Error(`${kernelName} lacks an input`);
    // Tensors stay where they are when the heap grows. One of another backend is moved here by this call.
    const start = wasm.getMemoryOffset(tensor.dataId);
    const bytes = (Float32Array.BYTES_PER_ELEMENT * tensor.shape.reduce((size, side) => size * side, 1)) / columns;
    for (let column = 0; column < columns; column++) {
      addresses.push(start + column * bytes);
      strides.push(stride);
      steps.push(step * Float32Array.BYTES_PER_ELEMENT);
    }
  };
  try {
    for (const [i, columns] of program.inputs.entries()) add(inputs[i], columns, layouts[i]);
    const given = strides.length;
    for (const [i, columns] of program.outputs.entries()) add(outputs[i], columns, { stride: 1, step: places });
    const several = blocks === 1 ? undefined : { count: blocks, steps };
    program.runInMemory(heapOf(wasm), places, strides.slice(0, given), addresses, several);
  } catch (error) {
    for (const { dataId } of outputs) wasm.disposeData(dataId);
    throw error;
  }
  return outputs;
};

/** Whether a tensor of so many columns has a number for each row. */
const hasRows = (tensor: { readonly shape: readonly number[] }, columns: number, rows: number) =>
  tensor.shape.reduce((product, size) => product * size, 1) === columns * rows;

/** Runs as tensor operations, so that nothing leaves the device; a program that can't be written so, on copies. */
const runAnywhere = (tf: TensorFlowModule, { inputs, attrs }: Parameters<TensorFlow.KernelFunc>[0]): Tensor[] => {
  const call = callOf(attrs);
  const { program, blocks, places, layouts, shapes } = call;
  const rows = blocks * places;
  return tf.tidy(() => {
    // What TensorFlow.js gives a kernel are the tensors themselves.
    const tensors = program.inputs.map((columns, i) => {
      const tensor = inputs[i] as Tensor;
      if (tensor.size === columns * rows || tensor.size === columns) return tensor;
      return tf.broadcastTo(tf.reshape(tensor, columnShape(columns, layouts[i], call)), [columns, blocks, places]);
    });
    if (rows === 0) return shapes.map((shape) => tf.zeros(shape));
    return program.onTensors
      ? runOnTensors(tf, program.onTensors, program, tensors, rows, shapes)
      : runOnCopies(tf, program, tensors, rows, shapes);
  });
};

function runOnTensors(
  tf: TensorFlowModule,
  run: NonNullable<ColumnProgram["onTensors"]>,
  program: ColumnProgram,
  tensors: readonly Tensor[],
  rows: number,
  shapes: readonly number[][],
): Tensor[] {
  const columns = tensors.flatMap((tensor, i) => {
    const count = program.inputs[i];
    const shape = hasRows(tensor, count, rows) ? [rows] : [];
    return count === 1 ? [tf.reshape(tensor, shape)] : tf.unstack(tf.reshape(tensor, [count, ...shape]));
  });
  const results = run(tf, columns).map((column) => (column.rank === 0 ? tf.broadcastTo(column, [rows]) : column));
  let next = 0;
  return program.outputs.map((count, i) => {
    const part = results.slice(next, next + count);
    next += count;
    return tf.reshape(count === 1 ? part[0] : tf.stack(part), shapes[i]);
  });
}

function runOnCopies(
  tf: TensorFlowModule,
  program: ColumnProgram,
  tensors: readonly Tensor[],
  rows: number,
  shapes: readonly number[][],
): Tensor[] {
  const strides: number[] = [];
  const arrays: Float32Array[] = [];
  for (const [i, tensor] of tensors.entries()) {
    const stride = hasRows(tensor, program.inputs[i], rows) ? 1 : 0;
    const size = stride === 1 ? rows : 1;
    const values = tensor.dataSync<"float32">();
    for (let column = 0; column < program.inputs[i]; column++) {
      arrays.push(values.subarray(column * size, (column + 1) * size));
      strides.push(stride);
    }
  }
  const outputs = program.outputs.map((count) => new Float32Array(count * rows));
  const results = outputs.flatMap((values, i) =>
    Array.from({ length: program.outputs[i] }, (_, column) => values.subarray(column * rows, (column + 1) * rows)),
  );
  program.runOnArrays(rows, strides, [...arrays, ...results]);
  return outputs.map((values, i) => tf.tensor(values, shapes[i], "float32"));
}
