import type { Image } from "../assembler/index.js";
import {
  entryOf,
  flash,
  initialState,
  type SoftProgram,
  type SoftState,
  softBackward,
  softForward,
} from "../machine/index.js";
import { SoftmachineError } from "../scheme/index.js";
import type { Library } from "./library.js";
import { codeOf, linkCode } from "./program-code.js";

/**
 * How programs run that are each chosen with a probability. By entry points: once, from a counter that is the distribution
 * over the programs' first lines, in one state that they share ("Algorithmic Language Models with Neurally Compiled
 * Libraries", 2024). By separate runs: each by itself, and the answers mixed. Where the choice is certain they are the same.
 */
export const selectionForms = ["entry points", "separate runs"] as const;

export type SelectionForm = (typeof selectionForms)[number];

export interface SelectionOptions {
  /** Default `entry points`. */
  readonly form?: SelectionForm;
  /** Steps of the soft machine: each program's own number of them, at least, if its answer is to be whole. */
  readonly steps: number;
}

/** What programs, chosen with probabilities, have answered. */
export interface Selected {
  /** [batch, n]: the distribution of r0. */
  readonly answers: Float64Array;
  /** [batch]: the probability of having halted. */
  readonly halted: Float64Array;
  /**
   * The gradient of a loss with respect to the choice, [batch, programs], and the operands, [batch, operands, n].
   * @param cotangent [batch, n]: the gradient with respect to the answers.
   */
  backward(cotangent: Float64Array): { choice: Float64Array; operands: Float64Array };
}

/** Some programs of a library, of which a model may choose. */
export class Selection {
  /** The programs, linked with one label table. */
  readonly image: Image;
  /** How many numbers are given as operands: the most that one of the programs takes. Others leave the last ones. */
  readonly operands: number;
  private readonly soft: SoftProgram;

  /**
   * @param names programs of whole numbers that give a number.
   * @throws SoftmachineError for an unknown program, one of real numbers or with an array as its result, or when the programs
   * have more labels than one table holds.
   */
  constructor(
    library: Library,
    readonly names: readonly string[],
  ) {
    this.image = linkCode(codeOf(library, names));
    this.operands = Math.max(...names.map((name) => entryOf(this.image, name).operands.length));
    this.soft = flash(this.image);
  }

  /**
   * Runs the programs, each with its probability.
   * @param choice [batch, programs], in the order of `names`.
   * @param operands [batch, operands, n]: a distribution for each.
   * @throws SoftmachineError for arrays of other shapes.
   */
  run(choice: Float64Array, operands: Float64Array, batch: number, options: SelectionOptions): Selected {
    const { names, image } = this;
    checkLength("the choice", choice, [batch, names.length]);
    checkLength("the operands", operands, [batch, this.operands, image.n]);
    const starts = names.map((name) => this.start(name, operands, batch));
    const { form = "entry points", steps } = options;
    return form === "entry points"
      ? this.fromEntryPoints(choice, starts, batch, steps)
      : this.separately(choice, starts, batch, steps);
  }

  /** One run from the mixture of all programs' first states. */
  private fromEntryPoints(choice: Float64Array, starts: readonly SoftState[], batch: number, steps: number): Selected {
    const { names } = this;
    const weight = (row: number, k: number) => choice[row * names.length + k];
    const state = {
      batch,
      ...mapParts((part) =>
        mixed(
          starts.map((start) => start[part]),
          batch,
          weight,
        ),
      ),
    };
    const { result, tape } = softForward(this.soft, state, { steps });
    return {
      answers: this.firstRegisters(result.registers, batch),
      halted: result.halted,
      backward: (cotangent) => {
        const gradient = softBackward(tape, { registers: this.spread(cotangent, batch) }, { program: false });
        const slopes = new Float64Array(batch * names.length);
        const operands = new Float64Array(batch * this.operands * this.image.n);
        starts.forEach((start, k) => {
          for (let row = 0; row < batch; row++) {
            for (const part of stateParts)
              slopes[row * names.length + k] += rowProduct(gradient[part], start[part], row, batch);
          }
          this.gather(names[k], gradient, batch, (row) => weight(row, k), operands);
        });
        return { choice: slopes, operands };
      },
    };
  }

  /** A run of each program, the answers mixed. */
  private separately(choice: Float64Array, starts: readonly SoftState[], batch: number, steps: number): Selected {
    const { names } = this;
    const weight = (row: number, k: number) => choice[row * names.length + k];
    const runs = starts.map((start) => softForward(this.soft, start, { steps }));
    const answers = runs.map(({ result }) => this.firstRegisters(result.registers, batch));
    return {
      answers: mixed(answers, batch, weight),
      halted: mixed(
        runs.map(({ result }) => result.halted),
        batch,
        weight,
      ),
      backward: (cotangent) => {
        checkLength("the cotangent", cotangent, [batch, this.image.n]);
        const slopes = Float64Array.from({ length: batch * names.length }, (_, i) =>
          rowProduct(cotangent, answers[i % names.length], Math.floor(i / names.length), batch),
        );
        const operands = new Float64Array(batch * this.operands * this.image.n);
        runs.forEach(({ tape }, k) => {
          const gradient = softBackward(tape, { registers: this.spread(cotangent, batch) }, { program: false });
          this.gather(names[k], gradient, batch, (row) => weight(row, k), operands);
        });
        return { choice: slopes, operands };
      },
    };
  }

  /** The state in which a program begins with the first of the operands. */
  private start(name: string, operands: Float64Array, batch: number): SoftState {
    const width = entryOf(this.image, name).operands.length * this.image.n;
    const all = this.operands * this.image.n;
    const own = new Float64Array(batch * width);
    for (let row = 0; row < batch; row++) own.set(operands.subarray(row * all, row * all + width), row * width);
    return initialState(this.image, name, own, batch);
  }

  /** Adds a program's share of the gradient with respect to the operands, which begin in registers and memory. */
  private gather(
    name: string,
    gradient: { readonly registers: Float64Array; readonly memory: Float64Array },
    batch: number,
    weight: (row: number) => number,
    operands: Float64Array,
  ): void {
    const { n, registers, memorySize } = this.image;
    const { operands: own, cells = [] } = entryOf(this.image, name);
    const inRegisters = own.length - cells.length;
    for (let row = 0; row < batch; row++) {
      own.forEach((_, i) => {
        const [source, from] =
          i < inRegisters
            ? [gradient.registers, (row * registers + i) * n]
            : [gradient.memory, (row * memorySize + cells[i - inRegisters]) * n];
        const to = (row * this.operands + i) * n;
        for (let value = 0; value < n; value++) operands[to + value] += weight(row) * source[from + value];
      });
    }
  }

  /** [batch, n]: r0 of [batch, registers, n]. */
  private firstRegisters(registers: Float64Array, batch: number): Float64Array {
    const { n, registers: count } = this.image;
    const answers = new Float64Array(batch * n);
    for (let row = 0; row < batch; row++)
      answers.set(registers.subarray(row * count * n, row * count * n + n), row * n);
    return answers;
  }

  /** [batch, registers, n]: a gradient with respect to r0 as one with respect to all registers. */
  private spread(cotangent: Float64Array, batch: number): Float64Array {
    const { n, registers } = this.image;
    checkLength("the cotangent", cotangent, [batch, n]);
    const all = new Float64Array(batch * registers * n);
    for (let row = 0; row < batch; row++) all.set(cotangent.subarray(row * n, (row + 1) * n), row * registers * n);
    return all;
  }
}

const stateParts = ["registers", "memory", "counter"] as const;

type StateParts = { readonly [Part in (typeof stateParts)[number]]: Float64Array };

const mapParts = (make: (part: keyof StateParts) => Float64Array): StateParts => ({
  registers: make("registers"),
  memory: make("memory"),
  counter: make("counter"),
});

/** The sum of arrays [batch, …], each with a weight for each row. */
function mixed(
  arrays: readonly Float64Array[],
  batch: number,
  weight: (row: number, k: number) => number,
): Float64Array {
  const [{ length }] = arrays;
  const width = length / batch;
  const sum = new Float64Array(length);
  arrays.forEach((array, k) => {
    for (let row = 0; row < batch; row++) {
      const share = weight(row, k);
      if (share === 0) continue;
      for (let i = row * width; i < (row + 1) * width; i++) sum[i] += share * array[i];
    }
  });
  return sum;
}

/** The inner product of one row of two arrays [batch, …]. */
function rowProduct(a: Float64Array, b: Float64Array, row: number, batch: number): number {
  const width = a.length / batch;
  let sum = 0;
  for (let i = row * width; i < (row + 1) * width; i++) sum += a[i] * b[i];
  return sum;
}

function checkLength(what: string, array: Float64Array, shape: readonly number[]): void {
  const wanted = shape.reduce((product, size) => product * size, 1);
  if (array.length === wanted) return;
  throw new SoftmachineError(`${what} must be [${shape.join(", ")}]; got ${array.length} numbers`);
}
