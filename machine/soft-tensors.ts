/** Soft runs in TensorFlow.js: tensors in and out, gradients through them. */
import type * as TensorFlow from "@tensorflow/tfjs";
import type { TensorFlowModule } from "../tensor/index.js";
import { type EncodedProgram, sizesOf } from "./encoded-program.js";
import { checkShape } from "./soft-arrays.js";
import type { SoftOptions } from "./soft-forward.js";
import { fieldNames, fieldWidth, type SoftFields } from "./soft-program.js";
import { runOnTensors } from "./soft-tensor-kernels.js";

/** A batch of states, float32; of values on bits, with bits in place of n. */
export interface SoftTensors {
  /** [batch, registers, n] */
  readonly registers: TensorFlow.Tensor;
  /** [batch, memorySize, n] */
  readonly memory: TensorFlow.Tensor;
  /** [batch, lines] */
  readonly counter: TensorFlow.Tensor;
}

/** Fields of a program that are tensors [lines, choices], in place of its own. */
export type SoftFieldTensors = { readonly [Field in keyof SoftFields]?: TensorFlow.Tensor };

/**
 * `softRun` on tensors, in float32 unless asked otherwise, with gradients with respect to the state and to the fields that
 * are tensors; a program without such costs no gradient. On the wasm backend the soft machine works in the tensors' own
 * memory, on states and results as they lie, unless float64 is asked for; on others numbers are copied.
 *
 * @throws SoftmachineError when a tensor is not of the program's shape.
 */
export function softRunTensors(
  tf: TensorFlowModule,
  program: EncodedProgram,
  state: SoftTensors,
  options: SoftOptions,
  fields: SoftFieldTensors = {},
): SoftTensors & { readonly halted: TensorFlow.Tensor } {
  const [batch = 0] = state.registers.shape;
  const sizes = sizesOf(program);
  const { n, registers, memorySize, lines } = sizes;
  const checked = (what: string, tensor: TensorFlow.Tensor, shape: readonly number[]): TensorFlow.Tensor => {
    checkShape(what, { length: tensor.size }, shape);
    return tensor.dtype === "float32" ? tensor : tensor.toFloat();
  };
  return tf.tidy(() => {
    const inputs = [
      checked("the state's registers", state.registers, [batch, registers, n]),
      checked("the state's memory", state.memory, [batch, memorySize, n]),
      checked("the state's counter", state.counter, [batch, lines]),
    ];
    const trained = fieldNames.filter((field) => fields[field] !== undefined);
    for (const field of trained) {
      const tensor = fields[field];
      if (tensor !== undefined)
        inputs.push(checked(`the program's "${field}"`, tensor, [lines, fieldWidth(field, sizes)]));
    }
    const [r, m, c, h] = runOnTensors(
      tf,
      { program, batch, options: { dtype: "float32", ...options }, trained },
      inputs,
    );
    return { registers: r, memory: m, counter: c, halted: h };
  });
}
