/** Soft runs in TensorFlow.js: tensors in and out, gradients through them. */
import type * as TensorFlow from "@tensorflow/tfjs";
import type { TensorFlowModule } from "../tensor/index.js";
import { type EncodedProgram, sizesOf } from "./encoded-program.js";
import { softBackward } from "./soft-backward.js";
import { type SoftOptions, softForward } from "./soft-forward.js";
import { fieldNames, fieldWidth, type SoftFields } from "./soft-program.js";

/** A batch of states, float32. */
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
 * are tensors; a program without such costs no gradient. Numbers are copied between the tensors and the soft machine.
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
  const trained = fieldNames.filter((field) => fields[field] !== undefined);
  const widths = [registers * n, memorySize * n, lines, 1];
  // A custom gradient belongs to one tensor: a row of it is a state's parts one after the other.
  const run = tf.customGrad((...all) => {
    const inputs = all.filter((input): input is TensorFlow.Tensor => typeof input !== "function");
    const [r, m, c, ...given] = inputs.map((input) => Float64Array.from(input.dataSync()));
    const own = { ...program, ...Object.fromEntries(trained.map((field, i) => [field, given[i]])) };
    const begun = { batch, registers: r, memory: m, counter: c };
    const { result, tape } = softForward(own, begun, { dtype: "float32", ...options });
    const parts = [result.registers, result.memory, result.counter, result.halted];
    const value = tf.concat(
      parts.map((part, i) => tf.tensor2d(Float32Array.from(part), [batch, widths[i]])),
      1,
    );
    const gradFunc = (dy: TensorFlow.Tensor): TensorFlow.Tensor[] => {
      const [registersPart, memoryPart, counterPart, haltedPart] = tf
        .split(dy, widths, 1)
        .map((part) => Float64Array.from(part.dataSync()));
      const cotangents = { registers: registersPart, memory: memoryPart, counter: counterPart, halted: haltedPart };
      const all = new Array<number>(lines).fill(1);
      const mask = Object.fromEntries(trained.map((field) => [field, all]));
      const gradients = softBackward(tape, cotangents, { program: trained.length > 0 && mask });
      const ofFields = trained.map((field) => gradients.program?.[field] ?? new Float64Array(0));
      return [gradients.registers, gradients.memory, gradients.counter, ...ofFields].map((gradient, i) =>
        tf.tensor(Float32Array.from(gradient), inputs[i].shape),
      );
    };
    return { value, gradFunc };
  });
  const operands = [state.registers, state.memory, state.counter];
  for (const field of trained) {
    const tensor = fields[field];
    if (tensor !== undefined) operands.push(tensor.reshape([lines, fieldWidth(field, sizes)]));
  }
  const [r, m, c, h] = tf.split(run(...operands), widths, 1);
  return {
    registers: r.reshape([batch, registers, n]),
    memory: m.reshape([batch, memorySize, n]),
    counter: c,
    halted: h.reshape([batch]),
  };
}
