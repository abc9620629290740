import { type Image, type OperationTable, operationCount } from "../assembler/index.js";
import { SoftmachineError } from "../scheme/index.js";
import { type EncodedProgram, isBinary, sizesOf } from "./encoded-program.js";
import { checkShape, zeros } from "./soft-arrays.js";
import { softmaxGradient, softmaxRows } from "./softmax.js";

/** The fields of a soft program's lines: what each entry is a distribution over. */
export interface SoftFields {
  /** [lines, |A|]: over operations, the program's own among them. */
  readonly op: Float64Array;
  /** [lines, registers]: over the first register read. */
  readonly a: Float64Array;
  /** [lines, registers]: over the second register read. */
  readonly b: Float64Array;
  /** [lines, registers]: over the register written. */
  readonly out: Float64Array;
  /** [lines, n]: over the immediate value. */
  readonly k: Float64Array;
}

/**
 * A probabilistic program: each field of each line is a distribution of its own ("Algorithmic Language Models with
 * Neurally Compiled Libraries", 2024, equation 17).
 */
export interface SoftProgram extends SoftFields {
  readonly n: number;
  readonly registers: number;
  readonly memorySize: number;
  readonly lines: number;
  /** Operations of the program's own, whose numbers follow those of the instruction set; absent when there are none. */
  readonly tables?: readonly OperationTable[];
  /** Value to line, for jumps. */
  readonly labels: Int32Array;
  /** [n, lines]: for each value a distribution over the lines that it may name, in place of `labels`. */
  readonly labelTable?: Float64Array;
  /**
   * What the counter mixes: the lines' distributions (default); or, where the fields hold logits, those, so that the
   * instruction executed is the softmax of the mixture, as in "Adaptive Neural Compilation" (Bunel et al., 2016).
   */
  readonly mixing?: "distributions" | "logits";
}

/** Parts of a program, by field: [lines], true or 1 for the lines whose field is meant; none where a field is absent. */
export type SoftMask = { readonly [Field in keyof SoftFields]?: ArrayLike<boolean | number> };

export const fieldNames = ["op", "a", "b", "out", "k"] as const;

/** The most values that a soft program may have: products take a table of n^2 small integers, here 32 MiB. */
const mostSoftValues = 4096;

type Sizes = Pick<SoftProgram, "n" | "registers" | "lines" | "tables">;

/** How many choices a field has. */
export function fieldWidth(field: keyof SoftFields, sizes: Sizes): number {
  return field === "op" ? operationCount(sizes) : field === "k" ? sizes.n : sizes.registers;
}

/**
 * Fields of the right sizes, filled with zeros.
 *
 * @throws SoftmachineError when the sizes are more than a soft machine can hold.
 */
export function zeroFields(sizes: Sizes): SoftFields {
  if (sizes.n > mostSoftValues) {
    throw new SoftmachineError(
      `the soft machine takes n up to ${mostSoftValues}, not ${sizes.n}; the exact machine runs it, and the soft one on bits`,
    );
  }
  const field = (name: keyof SoftFields) => zeros(`the program's "${name}"`, [sizes.lines, fieldWidth(name, sizes)]);
  return { op: field("op"), a: field("a"), b: field("b"), out: field("out"), k: field("k") };
}

/** Checks that fields have a program's sizes. */
export function checkFields(what: string, sizes: Sizes, fields: SoftFields): void {
  const { lines } = sizes;
  for (const field of fieldNames) checkShape(`${what} "${field}"`, fields[field], [lines, fieldWidth(field, sizes)]);
}

/** The soft program that is certain of an image's instructions: every distribution is one-hot. */
export function flash(image: Image): SoftProgram {
  const fields = zeroFields(image);
  for (const field of fieldNames) {
    const width = fieldWidth(field, image);
    for (let line = 0; line < image.lines; line++) fields[field][line * width + image.instructions[field][line]] = 1;
  }
  return { ...shapeOf(image), ...fields };
}

/**
 * Logits that favour an image's instructions: `sharpness` at the right choice and 0 elsewhere, so that its odds against
 * any other choice are exp(sharpness).
 */
export function flashLogits(image: Image, sharpness: number): SoftFields {
  if (!Number.isFinite(sharpness)) throw new SoftmachineError(`the sharpness must be a number; got ${sharpness}`);
  const logits = flash(image);
  for (const field of fieldNames)
    logits[field].forEach((value, i) => {
      logits[field][i] = value * sharpness;
    });
  return logits;
}

/**
 * The soft program whose distributions are the softmax of logits of the image's shape.
 *
 * @throws SoftmachineError when they are of another shape.
 */
export function programFromLogits(image: Image, logits: SoftFields): SoftProgram {
  checkFields("the logits", image, logits);
  const fields = zeroFields(image);
  for (const field of fieldNames) softmaxRows(logits[field], fields[field], fieldWidth(field, image));
  return { ...shapeOf(image), ...fields };
}

/** What a program has of its image as it is. */
function shapeOf({ n, registers, memorySize, lines, labels, tables }: Image): Omit<SoftProgram, keyof SoftFields> {
  return { n, registers, memorySize, lines, labels, ...(tables === undefined ? {} : { tables }) };
}

/**
 * The gradient with respect to logits from that with respect to their softmax; of an immediate's bits, with respect to
 * their logistic function.
 *
 * @throws SoftmachineError when the gradient is not of the program's shape.
 */
export function logitsGradient(program: EncodedProgram, gradient: SoftFields): SoftFields {
  const sizes = sizesOf(program);
  checkFields("the gradient", sizes, gradient);
  const result = zeroFields(sizes);
  for (const field of fieldNames) {
    const [p, g] = [program[field], gradient[field]];
    if (field !== "k" || !isBinary(program)) softmaxGradient(p, g, result[field], fieldWidth(field, sizes));
    else for (let i = 0; i < p.length; i++) result.k[i] = p[i] * (1 - p[i]) * g[i];
  }
  return result;
}
