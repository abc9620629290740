/**
 * What TensorFlow.js's backends lack. On wasm `UnsortedSegmentSum` is missing, without which nothing gathered from can
 * train; clones, which a gradient makes of all that it saves, copy their numbers; and matrix products are slow, those of
 * batches and with transpose flags by a factor of ten and more. Everywhere the gradient of a product forgets to sum over axes
 * that were broadcast.
 */
import type * as TensorFlow from "@tensorflow/tfjs";
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import { matrixProduct, matrixProductScratch, scatterAdd } from "../kernel/index.js";
import { SoftmachineError } from "../scheme/index.js";
import { heapOf } from "./heap.js";

type TensorFlowModule = typeof TensorFlow;

/** Registers, for the backend named, each kernel and gradient that it needs. May be called any number of times. */
export function registerMissingKernels(tf: TensorFlowModule, backend: string): void {
  if (backend === "wasm" && tf.getKernel("UnsortedSegmentSum", "wasm") === undefined) {
    tf.registerKernel(unsortedSegmentSum);
    replaceGather(tf);
    replaceIdentity(tf);
    replaceMatrixProduct(tf);
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

/** Multiplies matrices by our own kernel. */
function replaceMatrixProduct(tf: TensorFlowModule): void {
  const original = tf.getKernel("BatchMatMul", "wasm");
  let scratch: { readonly backend: BackendWasm; readonly address: number } | undefined;
  tf.unregisterKernel("BatchMatMul", "wasm");
  tf.registerKernel({
    ...original,
    kernelFunc: (call) => {
      const { a, b } = call.inputs as { a: TensorFlow.TensorInfo; b: TensorFlow.TensorInfo };
      const [batchA, batchB] = [a, b].map(({ shape }) => shape.slice(0, -2));
      const [countA, countB] = [batchA, batchB].map((sizes) => sizes.reduce((product, size) => product * size, 1));
      const alike = String(batchA) === String(batchB) || countA === 1 || countB === 1;
      if (!alike || a.dtype !== "float32" || b.dtype !== "float32") return original.kernelFunc(call);
      const wasm = call.backend as BackendWasm;
      const [transposeA, transposeB] = [call.attrs?.transposeA === true, call.attrs?.transposeB === true];
      const [depth, rows] = lastAxes(a.shape, transposeA);
      const [columns] = lastAxes(b.shape, transposeB);
      const batch = tf.backend_util.assertAndGetBroadcastShape(batchA, batchB);
      const output = wasm.makeOutput([...batch, rows, columns], "float32");
      if (scratch?.backend !== wasm) {
        const { dataId } = wasm.makeOutput([matrixProductScratch / Float32Array.BYTES_PER_ELEMENT], "float32");
        scratch = { backend: wasm, address: wasm.getMemoryOffset(dataId) };
      }
      // A batch of rows is rows.
      const together = countB === 1 && !transposeA;
      matrixProduct(heapOf(wasm), {
        a: wasm.getMemoryOffset(a.dataId),
        b: wasm.getMemoryOffset(b.dataId),
        c: wasm.getMemoryOffset(output.dataId),
        scratch: scratch.address,
        batch: together ? 1 : Math.max(countA, countB),
        rows: together ? countA * rows : rows,
        depth,
        columns,
        transposeA,
        transposeB,
        oneA: countA === 1,
        oneB: countB === 1,
      });
      return output;
    },
  });
}

/** The last two axes of a shape, the last first; the other way round if they are transposed. */
function lastAxes(shape: readonly number[], transposed: boolean): [number, number] {
  const [rows, columns] = shape.slice(-2);
  return transposed ? [rows, columns] : [columns, rows];
}

/** For y = a·b: da = dy·bᵀ and db = aᵀ·dy; so with a transposed: da = b·dyᵀ and db = a·dy; and so on. */
function batchMatMulGradient(tf: TensorFlowModule): TensorFlow.GradConfig {
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
          const gradient = transposeA
            ? tf.matMul(b, upstream, transposeB, true)
            : tf.matMul(upstream, b, false, !transposeB);
          return reduceTo(tf, gradient, a.shape);
        },
        b: () => {
          const gradient = transposeB
            ? tf.matMul(upstream, a, true, transposeA)
            : tf.matMul(a, upstream, !transposeA, false);
          return reduceTo(tf, gradient, b.shape);
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
