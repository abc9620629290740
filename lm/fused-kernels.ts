/** What is computed number by number in a step, as programs: each is one kernel forward and one backward. */
import type * as TensorFlow from "@tensorflow/tfjs";
import { compile } from "../direct/index.js";
import type { TensorFlowModule } from "../tensor/index.js";

type Tensor = TensorFlow.Tensor;

const float32 = { dtype: "float32" } as const;

/** SwiGLU's product, silu(gate) · up ("GLU Variants Improve Transformer", 2020). */
const gated = compile("(* (/ gate (+ 1 (exp (- 0 gate)))) up)", float32);

/** What each row is divided by in RMSNorm ("Root Mean Square Layer Normalization", 2019), as a factor. */
const inverseRoot = compile("(/ 1 (sqrt (+ meansquare epsilon)))", { ...float32, params: { epsilon: 1e-5 } });
const scaled = compile("(* (* x factor) gain)", float32);
const rotation = compile("(+ (* x cosine) (* turned sine))", float32);
const slopeOfMeanSquare = compile("(* x slope)", float32);

/** silu(gate) · up, of tensors of one shape. */
export function gatedProduct(gate: Tensor, up: Tensor): Tensor {
  return gated.apply({ gate, up });
}

/** x · cosine + turned · sine, with cosine and sine [positions, width] for x and turned [·, positions, width]. */
export function rotated(x: Tensor, turned: Tensor, cosine: Tensor, sine: Tensor): Tensor {
  return rotation.apply({ x, turned, cosine, sine });
}

/** x · gain / √(mean x² + ε) over the last axis of x [rows, hidden]. */
export function rmsNorm(tf: TensorFlowModule, x: Tensor, gain: Tensor): Tensor {
  const factor = inverseRoot.apply({ meansquare: meanSquare(tf, x) });
  return scaled.apply({ x, factor, gain });
}

/** The mean of squares over the last axis of x [rows, width]: [rows, 1]. */
function meanSquare(tf: TensorFlowModule, x: Tensor): Tensor {
  const width = x.shape[x.rank - 1];
  const op = tf.customGrad((given, save) => {
    const tensor = given as Tensor;
    (save as (tensors: Tensor[]) => void)([tensor]);
    return {
      value: tf.mean(tf.square(tensor), -1, true),
      gradFunc: (dy: Tensor, saved: Tensor[]) => slopeOfMeanSquare.apply({ x: saved[0], slope: tf.mul(dy, 2 / width) }),
    };
  });
  return op(x);
}
