/** What is computed number by number in a step, as programs: each is one kernel forward and one backward. */
import type * as TensorFlow from "@tensorflow/tfjs";
import { compile } from "../direct/index.js";

type Tensor = TensorFlow.Tensor;

/** SwiGLU's product, silu(gate) · up ("GLU Variants Improve Transformer", 2020). */
const gated = compile("(* (/ gate (+ 1 (exp (- 0 gate)))) up)", { dtype: "float32", name: "gated" });

/** silu(gate) · up, of tensors of one shape. */
export function gatedProduct(gate: Tensor, up: Tensor): Tensor {
  return gated.apply({ gate, up });
}
