/** A frozen program as a layer between others: by stepping in superposition, and as a tabulated call. */
import type { Image } from "../assembler/index.js";
import {
  flash,
  initialState,
  softBackward,
  softForward,
  tabulate,
  tabulatedCall,
  tabulatedCallGradient,
} from "../machine/index.js";

/** Distributions of operands [batch, operands, n] to answers [batch, n], and back. */
export interface FrozenProgram {
  forward(distributions: Float64Array, batch: number): Float64Array;
  /** The gradient with respect to the distributions of the last `forward`. */
  backward(cotangent: Float64Array): Float64Array;
}

/** The program stepped in superposition, as many steps in every question. */
export function superposed(image: Image, entry: string, operands: number, steps: number): FrozenProgram {
  const { n, registers } = image;
  const frozen = flash(image);
  let tape: Parameters<typeof softBackward>[0] | undefined;
  return {
    forward(distributions, batch) {
      const state = initialState(image, entry, distributions, batch);
      // Runs that halt early go on, as the paper's do, so that nothing is cut out of the gradient. Rounding would grow from
      // step to step; renormalised, it does not, and 94 steps of 32 bits are within 1e-6 of those of 64 bits.
      const run = softForward(frozen, state, { steps, stopWhenHalted: false, renormalise: true, dtype: "float32" });
      tape = run.tape;
      return columns(run.result.registers, registers * n, n);
    },
    backward(cotangent) {
      if (tape === undefined) return new Float64Array(0);
      const whole = new Float64Array((cotangent.length / n) * registers * n);
      for (let row = 0; row * n < cotangent.length; row++)
        whole.set(cotangent.subarray(row * n, (row + 1) * n), row * registers * n);
      const gradients = softBackward(tape, { registers: whole }, { program: false });
      return columns(gradients.registers, registers * n, operands * n);
    },
  };
}

/** The program as one exact lookup. */
export function tabulated(image: Image, entry: string, operands: number): FrozenProgram {
  const table = tabulate(image, entry);
  let given: Float64Array = new Float64Array(0);
  return {
    forward(distributions, batch) {
      given = distributions;
      return tabulatedCall(table, distributions, batch);
    },
    backward: (cotangent) => tabulatedCallGradient(table, given, cotangent, given.length / (operands * image.n)),
  };
}

/** The first columns of rows of a width. */
function columns(array: Float64Array, width: number, count: number): Float64Array {
  const result = new Float64Array((array.length / width) * count);
  for (let row = 0; row * width < array.length; row++)
    result.set(array.subarray(row * width, row * width + count), row * count);
  return result;
}
