/** A program as parameters: logits of each field of each line, of the constants in its registers, and of its first line. */
import { type Image, type Operation, operationCount, operationNumbered } from "../../assembler/index.js";
import { SoftmachineError } from "../../scheme/index.js";
import { entryOf } from "../exact.js";
import { likeliest, likeliestOfRows } from "../likeliest.js";
import {
  fieldNames,
  fieldWidth,
  flashLogits,
  logitsGradient,
  programFromLogits,
  type SoftFields,
  type SoftMask,
  type SoftProgram,
} from "../soft-program.js";
import { softmaxGradient, softmaxRows } from "../softmax.js";
import { type AdaptationTask, checkTask, type HardProgram } from "./task.js";

/** Logits, all in one array that an optimizer works on, and views of its parts. */
export interface AdaptiveParameters {
  readonly all: Float64Array;
  readonly fields: SoftFields;
  /** [constants, n] */
  readonly constants: Float64Array;
  /** [lines]: where a run begins. */
  readonly entry: Float64Array;
}

/** Distributions, of the shape of the logits. */
export interface AdaptiveDistributions {
  readonly program: SoftProgram;
  /** [constants, n] */
  readonly constants: Float64Array;
  /** [lines] */
  readonly entry: Float64Array;
}

/** The gradient with respect to distributions. */
export interface AdaptiveGradient extends Pick<AdaptiveParameters, "fields" | "constants" | "entry"> {}

function layOut(image: Image, constants: number): AdaptiveParameters {
  const { lines, n } = image;
  const sizes = fieldNames.map((field) => lines * fieldWidth(field, image));
  const all = new Float64Array(sizes.reduce((sum, size) => sum + size, constants * n + lines));
  let at = 0;
  const take = (size: number) => {
    at += size;
    return all.subarray(at - size, at);
  };
  const [op, a, b, out, k] = sizes.map(take);
  return { all, fields: { op, a, b, out, k }, constants: take(constants * n), entry: take(lines) };
}

/**
 * Logits that favour a task's program: `sharpness` at its choices, 0 at others, and minus infinity at operations that it
 * may not come to use, and at lines of other programs where it would begin.
 *
 * @throws SoftmachineError when the task is impossible.
 */
export function flashParameters(task: AdaptationTask, sharpness: number): AdaptiveParameters {
  checkTask(task);
  const { image, constants, operations } = task;
  const parameters = layOut(image, constants.length);
  const logits = flashLogits(image, sharpness);
  for (const field of fieldNames) parameters.fields[field].set(logits[field]);
  constants.forEach((value, i) => {
    parameters.constants[i * image.n + value] = sharpness;
  });
  parameters.entry.fill(Number.NEGATIVE_INFINITY);
  const { line, end } = entryOf(image, task.program);
  parameters.entry.fill(0, firstLine(image, task.program), end);
  parameters.entry[line] = sharpness;
  if (operations !== undefined) allowOnly(task, operations, parameters.fields.op);
  return parameters;
}

function allowOnly({ image, program }: AdaptationTask, operations: readonly Operation[], op: Float64Array): void {
  const allowed = new Set(operations);
  for (const used of image.instructions.op) {
    if (!allowed.has(operationNumbered(image, used)))
      throw new SoftmachineError(`"${program}" uses an operation that its task does not allow`);
  }
  op.forEach((_, i) => {
    if (!allowed.has(operationNumbered(image, i % operationCount(image)))) op[i] = Number.NEGATIVE_INFINITY;
  });
}

/** The distributions of logits. */
export function distributionsOf({ image }: AdaptationTask, parameters: AdaptiveParameters): AdaptiveDistributions {
  const constants = new Float64Array(parameters.constants.length);
  softmaxRows(parameters.constants, constants, image.n);
  const entry = new Float64Array(image.lines);
  softmaxRows(parameters.entry, entry, image.lines);
  return { program: programFromLogits(image, parameters.fields), constants, entry };
}

/** The gradient with respect to the logits, in the order of `all`, from that with respect to the distributions. */
export function parametersGradient(
  { image }: AdaptationTask,
  { program, constants, entry }: AdaptiveDistributions,
  gradient: AdaptiveGradient,
): Float64Array {
  const { n, lines } = image;
  const result = layOut(image, constants.length / n);
  const fields = logitsGradient(program, gradient.fields);
  for (const field of fieldNames) result.fields[field].set(fields[field]);
  softmaxGradient(constants, gradient.constants, result.constants, n);
  softmaxGradient(entry, gradient.entry, result.entry, lines);
  return result.all;
}

/** The program that takes the likeliest choice everywhere. */
export function discretise(
  { image, program }: AdaptationTask,
  { fields, constants, entry }: AdaptiveParameters,
): HardProgram {
  const of = (field: keyof SoftFields) => likeliestOfRows(fields[field], fieldWidth(field, image));
  return {
    image: {
      ...image,
      instructions: {
        op: Uint8Array.from(of("op")),
        a: Uint8Array.from(of("a")),
        b: Uint8Array.from(of("b")),
        out: Uint8Array.from(of("out")),
        k: Uint16Array.from(of("k")),
      },
      comments: image.comments.map(() => ""),
      entries: beginningAt(image, program, likeliest(entry)),
    },
    constants: likeliestOfRows(constants, image.n),
  };
}

/** The entries of an image, one of whose programs begins at another line. */
export const beginningAt = (image: Image, program: string, line: number): Image["entries"] =>
  new Map(image.entries).set(program, { ...entryOf(image, program), line });

/** The program that a task starts from. */
export const genericProgram = ({ image, constants }: AdaptationTask): HardProgram => ({ image, constants });

/** What is trained of a program; the rest is frozen. */
export interface Trained {
  /** Programs of the image; all, if absent. */
  readonly programs?: readonly string[];
  /** Lines of the image, counted from 0; all, if absent. */
  readonly lines?: readonly number[];
  /** Fields of lines; all, if absent. */
  readonly fields?: readonly (keyof SoftFields)[];
  /** Whether the constants are (default true). */
  readonly constants?: boolean;
  /** Whether the line is where the program begins (default true). */
  readonly entry?: boolean;
}

/**
 * The mask of what is trained, for the soft machine: what is frozen costs no gradient.
 *
 * @throws SoftmachineError for a program or a line that is not there.
 */
export function trainedMask(image: Image, { programs, lines, fields = fieldNames }: Trained): SoftMask {
  const chosen = new Uint8Array(image.lines).fill(programs === undefined ? 1 : 0);
  for (const name of programs ?? []) {
    const { end } = entryOf(image, name);
    chosen.fill(1, firstLine(image, name), end);
  }
  for (const line of lines ?? []) {
    if (!Number.isInteger(line) || line < 0 || line >= image.lines)
      throw new SoftmachineError(`there is no line ${line} to train: the image has ${image.lines} lines`);
  }
  const mask = lines === undefined ? chosen : chosen.map((on, line) => (lines.includes(line) ? on : 0));
  return Object.fromEntries(fields.map((field) => [field, mask]));
}

/** Where a program begins: where the one before it ends. */
export function firstLine(image: Image, name: string): number {
  let start = 0;
  for (const entry of image.entries.values()) {
    if (entry.name === name) break;
    start = entry.end;
  }
  return start;
}
