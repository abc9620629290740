/**
 * What TensorFlow.js's backends lack. On wasm `UnsortedSegmentSum` is missing, without which nothing gathered from can
 * train; clones, which a gradient makes of all that it saves, copy their numbers; and a matrix product with a transpose flag
 * runs about ten times slower there than a transpose followed by a plain product, so the gradient of a product does that.
 */
import type * as TensorFlow from "@tensorflow/tfjs";
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import { scatterAdd } from "../kernel/index.js";
import { SoftmachineError } from "../scheme/index.js";
import { heapOf } from "./heap.js";

type TensorFlowModule = typeof TensorFlow;

/** Registers, for the backend named, each kernel and gradient that it needs. May be called any number of times. */
export function registerMissingKernels(tf: TensorFlowModule, backend: string): void {
  if (backend === "wasm" && tf.getKernel("UnsortedSegmentSum", "wasm") === undefined) {
    tf.registerKernel(unsortedSegmentSum);
    replaceGather(tf);
    replaceIdentity(tf);
  }
  tf.unregisterGradient("BatchMatMul");
  tf.registerGradient(batchMatMulGradient(tf));
}

/**
 * out[s, …] = Σ over i with segmentIds[i] = s of x[i, …], for x [rows, …] float32 or int32 and segmentIds [rows] int32.
 * Ids outside 0..numSegments-1 are dropped, as TensorFlow does.
 */
const unsortedSegmentSum: TensorFlow.KernelConfig = {
  kernelName: "UnsortedSegmentSum",
  backendName: "wasm",
  kernelFunc: ({ inputs, attrs, backend }) => {
    const wasm = backend as BackendWasm;
    const { x, segmentIds } = inputs as { x: TensorFlow.TensorInfo; segmentIds: TensorFlow.TensorInfo };
    const numSegments = Number(attrs?.numSegments);
    const inner = x.shape.slice(1);
    const width = inner.reduce((product, size) => product * size, 1);
    const output = wasm.makeOutput([numSegments, ...inner], x.dtype);
    // Views are taken after the output is made: growing the heap detaches older ones. Their offsets are addresses.
    const sums = wasm.typedArrayFromHeap(output).fill(0);
    const arrays = {
      data: wasm.typedArrayFromHeap(x).byteOffset,
      segments: wasm.typedArrayFromHeap(segmentIds).byteOffset,
      output: sums.byteOffset,
      rows: x.shape[0],
      width,
      segmentCount: numSegments,
    };
    scatterAdd(heapOf(wasm), arrays, x.dtype === "int32" ? "int32" : "float32");
    return output;
  },
};

/** Takes whole rows by copying them; leaves any other gather to the kernel that was there. */
function replaceGather(tf: TensorFlowModule): void {
  const original = tf.getKernel("GatherV2", "wasm");
  tf.unregisterKernel("GatherV2", "wasm");
  tf.registerKernel({
    ...original,
    kernelFunc: (call) => {
      const { x, indices } = call.inputs as { x: TensorFlow.TensorInfo; indices: TensorFlow.TensorInfo };
      const wholeRows =
        call.attrs?.axis === 0 && !call.attrs.batchDims && x.dtype === "float32" && indices.dtype === "int32";
      if (!wholeRows) return original.kernelFunc(call);
      const wasm = call.backend as BackendWasm;
      const width = x.shape.slice(1).reduce((product, size) => product * size, 1);
      const output = wasm.makeOutput([...indices.shape, ...x.shape.slice(1)], x.dtype);
      const rows = wasm.typedArrayFromHeap(output);
      const values = wasm.typedArrayFromHeap(x);
      const ids = wasm.typedArrayFromHeap(indices);
      for (let row = 0; row < ids.length; row++) {
        const id = ids[row];
        if (id < 0 || id >= x.shape[0]) throw new SoftmachineError(`gather: row ${id} is not in 0..${x.shape[0] - 1}`);
        rows.set(values.subarray(id * width, (id + 1) * width), row * width);
      }
      return output;
    },
  });
}

/** A clone shares the numbers of the tensor, as on other backends; the kernel that was there copies all that a gradient saves. */
function replaceIdentity(tf: TensorFlowModule): void {
  const original = tf.getKernel("Identity", "wasm");
  tf.unregisterKernel("Identity", "wasm");
  tf.registerKernel({
    ...original,
    kernelFunc: (call) => {
      const { x } = call.inputs as { x: TensorFlow.TensorInfo };
      if (x.dtype === "string") return original.kernelFunc(call);
      (call.backend as BackendWasm).incRef(x.dataId);
      return { dataId: x.dataId, shape: x.shape, dtype: x.dtype };
    },
  });
}

/** For y = op(a)·op(b): da = dy·op(b)ᵀ and db = op(a)ᵀ·dy, each transposed back, with no flag ever set on a product. */
function batchMatMulGradient(tf: TensorFlowModule): TensorFlow.GradConfig {
  const transpose = (tensor: TensorFlow.Tensor): TensorFlow.Tensor => {
    const rank = tensor.rank;
    const axes = tensor.shape.map((_, axis) => axis);
    return tf.transpose(tensor, [...axes.slice(0, rank - 2), rank - 1, rank - 2]);
  };
  return {
    kernelName: "BatchMatMul",
    inputsToSave: ["a", "b"],
    gradFunc: (dy, saved, attrs) => {
      const [a, b] = saved;
      const upstream = dy as TensorFlow.Tensor;
      const transposeA = attrs.transposeA === true;
      const transposeB = attrs.transposeB === true;
      return {
        a: () => {
          const gradient = tf.matMul(upstream, transposeB ? b : transpose(b));
          return reduceTo(tf, transposeA ? transpose(gradient) : gradient, a.shape);
        },
        b: () => {
          const gradient = tf.matMul(transposeA ? a : transpose(a), upstream);
          return reduceTo(tf, transposeB ? transpose(gradient) : gradient, b.shape);
        },
      };
    },
  };
}

/** Sums a gradient over the batch axes along which its operand was broadcast. */
function reduceTo(tf: TensorFlowModule, gradient: TensorFlow.Tensor, shape: number[]): TensorFlow.Tensor {
  const lead = gradient.rank - shape.length;
  const axes = gradient.shape
    .map((_, axis) => axis)
    .filter((axis) => axis < lead || (shape[axis - lead] === 1 && gradient.shape[axis] !== 1));
  return axes.length === 0 ? gradient : tf.reshape(tf.sum(gradient, axes), shape);
}
