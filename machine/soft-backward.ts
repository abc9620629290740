import { sizesOf } from "./encoded-program.js";
import { checkShape } from "./soft-arrays.js";
import { recordingOf, type SoftTape } from "./soft-forward.js";
import type { SoftBackwardOptions } from "./soft-machine.js";
import type { SoftFields } from "./soft-program.js";
import type { Floats } from "./tabulated-call.js";

/** The gradient of a loss with respect to each part of a soft run's result; what is absent is zero. */
export interface SoftCotangents {
  /** [batch, registers, n] */
  readonly registers?: Floats;
  /** [batch, memorySize, n] */
  readonly memory?: Floats;
  /** [batch, lines] */
  readonly counter?: Floats;
  /** [batch] */
  readonly halted?: Floats;
}

/** The gradient of a loss with respect to the initial state and the program. */
export interface SoftGradients {
  /** [batch, registers, n] */
  readonly registers: Float64Array;
  /** [batch, memorySize, n] */
  readonly memory: Float64Array;
  /** [batch, lines] */
  readonly counter: Float64Array;
  /** Summed over the batch, with zeros for what is frozen; undefined when not asked for. */
  readonly program: SoftFields | undefined;
  /** [n, lines], or of bits [labels, lines], with respect to the label table, summed over the batch; undefined when not asked for. */
  readonly labels: Float64Array | undefined;
}

/**
 * Reverse-mode differentiation of a soft run, by hand: the transposes of the forward steps, from the last to the first.
 *
 * @throws SoftmachineError when a cotangent is not of the result's shape.
 */
export function softBackward(
  tape: SoftTape,
  cotangents: SoftCotangents,
  options: SoftBackwardOptions = {},
): SoftGradients {
  checkCotangents(tape, cotangents);
  const machine = recordingOf(tape);
  const views = machine.cotangents;
  for (const part of ["registers", "memory", "counter", "halted"] as const) {
    const given = cotangents[part];
    if (given === undefined) views[part].fill(0);
    else views[part].set(given);
  }
  machine.backward(options);
  const { registers, memory, counter } = machine.gradients;
  return {
    registers: new Float64Array(registers),
    memory: new Float64Array(memory),
    counter: new Float64Array(counter),
    program: machine.takeProgramGradient(),
    labels: machine.takeLabelGradient(),
  };
}

function checkCotangents({ program, state }: SoftTape, cotangents: SoftCotangents): void {
  const { n, registers, memorySize, lines } = sizesOf(program);
  const { batch } = state;
  const check = (what: string, array: Floats | undefined, shape: readonly number[]): void => {
    if (array !== undefined) checkShape(`the cotangent of the ${what}`, array, shape);
  };
  check("registers", cotangents.registers, [batch, registers, n]);
  check("memory", cotangents.memory, [batch, memorySize, n]);
  check("counter", cotangents.counter, [batch, lines]);
  check("halting probability", cotangents.halted, [batch]);
}
