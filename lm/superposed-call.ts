/**
 * A call of library programs by faithful superposition: the soft machine begins with the operands' distributions in its
 * registers, and its read-out is the distribution of the answer ("Algorithmic Language Models with Neurally Compiled
 * Libraries", 2024, equations 1 to 7). Its gradient path is as long as the programs run, and it takes registers for
 * independent of each other; the tabulated call does neither.
 */
import type * as TensorFlow from "@tensorflow/tfjs";
import type { Image } from "../assembler/index.js";
import { linkCode, type ProgramCode, type SelectionForm } from "../library/index.js";
import { entryOf, flash, runExact, type SoftProgram, softRunTensors, type TabulatedProgram } from "../machine/index.js";
import { SoftmachineError } from "../scheme/index.js";
import type { TensorFlowModule } from "../tensor/index.js";
import { oneHotTensor, TINY } from "./tabulated-call.js";

type Tensor = TensorFlow.Tensor;

export const EXECUTIONS = ["tabulated", "superposition"] as const;

/** How the programs chosen are run: by lookup in their tables, or on the soft machine in superposition. */
export type Execution = (typeof EXECUTIONS)[number];

export interface ExecutionOptions {
  readonly execution: Execution;
  /** In superposition: one run that the programs share, or one of each, their answers mixed. */
  readonly selection: SelectionForm;
  /** Steps of the soft machine; 0: as many as the longest run of a program takes. */
  readonly machineSteps: number;
}

/** The most steps that are taken when nothing else is asked for: their record for the gradient is kept. */
const MOST_STEPS = 4096;

/** Programs in one image, called in superposition. */
export class SuperposedCall {
  readonly code: ProgramCode;
  /** The most operands that a program takes. */
  readonly slots: number;
  /** Steps of a run. */
  readonly steps: number;
  readonly #selection: SelectionForm;
  readonly #image: Image;
  readonly #soft: SoftProgram;
  /** By program, how many operands it takes. */
  readonly #arities: readonly number[];

  /** @throws SoftmachineError when the programs have too many labels together, or a run takes too many steps. */
  constructor(code: ProgramCode, { selection, machineSteps }: Pick<ExecutionOptions, "selection" | "machineSteps">) {
    this.code = code;
    this.#selection = selection;
    this.#image = linkCode(code);
    this.#soft = flash(this.#image);
    this.#arities = code.programs.map(({ name }) => entryOf(this.#image, name).operands.length);
    this.slots = Math.max(...this.#arities);
    this.steps = machineSteps > 0 ? machineSteps : mostSteps(this.#image, code);
  }

  /**
   * P(y) for every y: [batch, n], a differentiable function of the choice and the operands.
   *
   * @param choice P(program), [batch, programs]
   * @param operands P(value) for each slot, [batch, slots, n]
   */
  answers(tf: TensorFlowModule, choice: Tensor, operands: Tensor): Tensor {
    return tf.tidy(() =>
      this.#selection === "entry points"
        ? this.#fromEntryPoints(tf, choice, operands)
        : this.#separately(tf, choice, operands),
    );
  }

  /** One run, from the mixture of the programs' first states. */
  #fromEntryPoints(tf: TensorFlowModule, choice: Tensor, operands: Tensor): Tensor {
    const { lines, n } = this.#image;
    const entries = this.code.programs.map(({ name }) => entryOf(this.#image, name).line);
    const counter = tf.matMul(choice, oneHotTensor(tf, entries, lines, [entries.length, lines]));
    // How likely it is that the program chosen takes a slot's operand: otherwise its register begins at 0.
    const taken = tf.reshape(tf.matMul(choice, this.#taken(tf)), [-1, this.slots, 1]);
    const others = tf.mul(tf.sub(1, taken), oneHotTensor(tf, [0], n, [1, 1, n]));
    return this.#run(tf, tf.add(tf.mul(operands, taken), others), counter);
  }

  /** A run of each program, the answers mixed. */
  #separately(tf: TensorFlowModule, choice: Tensor, operands: Tensor): Tensor {
    const { lines, n } = this.#image;
    const [batch] = choice.shape;
    const { programs } = this.code;
    const taken = tf.reshape(this.#taken(tf), [1, programs.length, this.slots, 1]);
    const others = tf.mul(tf.sub(1, taken), oneHotTensor(tf, [0], n, [1, 1, 1, n]));
    const begin = tf.add(tf.mul(tf.reshape(operands, [batch, 1, this.slots, n]), taken), others);
    const entries = programs.map(({ name }) => entryOf(this.#image, name).line);
    const lists = Array.from({ length: batch }, () => entries).flat();
    const counter = oneHotTensor(tf, lists, lines, [lists.length, lines]);
    const answers = this.#run(tf, tf.reshape(begin, [lists.length, this.slots, n]), counter);
    const mixed = tf.matMul(
      tf.reshape(choice, [batch, 1, programs.length]),
      tf.reshape(answers, [batch, programs.length, n]),
    );
    return tf.reshape(mixed, [batch, n]);
  }

  /** r0 after runs that begin with `begin`, [rows, slots, n], in the first registers, and at `counter`, [rows, lines]. */
  #run(tf: TensorFlowModule, begin: Tensor, counter: Tensor): Tensor {
    const { n, registers, memorySize, initialMemory } = this.#image;
    const [rows] = begin.shape;
    const everywhere = (values: readonly number[]) =>
      tf.tile(oneHotTensor(tf, values, n, [1, values.length, n]), [rows, 1, 1]);
    const rest = registers - this.slots;
    const state = {
      registers: rest === 0 ? begin : tf.concat([begin, everywhere(new Array<number>(rest).fill(0))], 1),
      memory: everywhere(Array.from(initialMemory).slice(0, memorySize)),
      counter,
    };
    // Sums drift in long runs of 32 bits; renormalised, they don't.
    const result = softRunTensors(tf, this.#soft, state, { steps: this.steps, renormalise: true });
    return tf.reshape(tf.slice(result.registers, [0, 0, 0], [rows, 1, n]), [rows, n]);
  }

  /** [programs, slots]: 1 where a program takes a slot's operand. */
  #taken(tf: TensorFlowModule): Tensor {
    const taken = this.#arities.flatMap((arity) => Array.from({ length: this.slots }, (_, slot) => +(slot < arity)));
    return tf.tensor(taken, [this.#arities.length, this.slots], "float32");
  }
}

/**
 * What runs the programs as options say, or undefined where their tables do.
 *
 * @param programs the tables, in the order of the choice
 * @throws SoftmachineError when the programs are to run in superposition and there is no code of them.
 */
export function superposedCall(
  options: ExecutionOptions,
  programs: readonly TabulatedProgram[],
  code: ProgramCode | undefined,
): SuperposedCall | undefined {
  if (options.execution === "tabulated") return undefined;
  if (code === undefined)
    throw new SoftmachineError("execution in superposition takes the programs' assembly, and there are tables only");
  const ordered = programs.map(({ name, n }) => {
    const program = code.programs.find((each) => each.name === name);
    if (program === undefined) throw new SoftmachineError(`there is no assembly of program "${name}"`);
    if (n !== code.n)
      throw new SoftmachineError(
        `program "${name}" is tabulated modulo ${n}, its assembly is for values modulo ${code.n}`,
      );
    return program;
  });
  return new SuperposedCall({ ...code, programs: ordered }, options);
}

/** The mean of -ln P(answer) over a batch whose answers' distributions are [batch, n]. */
export function superposedLoss(
  tf: TensorFlowModule,
  distributions: Tensor,
  answers: readonly number[],
): TensorFlow.Scalar {
  const [batch, n] = distributions.shape;
  const right = tf.sum(tf.mul(distributions, oneHotTensor(tf, answers, n, [batch, n])), 1);
  return tf.neg(tf.mean(tf.log(tf.add(right, TINY))));
}

/** The steps of the longest run of a program, over all operands. */
function mostSteps(image: Image, { programs }: ProgramCode): number {
  let most = 1;
  for (const { name } of programs) {
    const operands = new Array<number>(entryOf(image, name).operands.length).fill(0);
    const visit = (slot: number): void => {
      if (slot === operands.length) {
        const { steps } = runExact(image, name, operands);
        if (steps > MOST_STEPS)
          throw new SoftmachineError(
            `"${name}" takes ${steps} steps on ${operands.join(", ")}, too many for a run in superposition; machineSteps sets how many are taken`,
          );
        most = Math.max(most, steps);
        return;
      }
      for (operands[slot] = 0; operands[slot] < image.n; operands[slot]++) visit(slot + 1);
    };
    visit(0);
  }
  return most;
}
