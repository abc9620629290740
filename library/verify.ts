import { type Assembly, type Image, link, registersOf } from "../assembler/index.js";
import { flash } from "../machine/index.js";
import { SoftmachineError } from "../scheme/index.js";
import type { LibraryProgram } from "./program-file.js";
import { type Verification, VerificationFailure } from "./verification.js";
import { verifyAgainstReference, verifyExamples } from "./verify-exact.js";
import { verifyGradient, verifySoft } from "./verify-soft.js";

export interface VerifyOptions {
  /** Values that the checks of one program run with are 0..checkN-1, or of the library's n where that is less. Default 16. */
  readonly checkN?: number;
  /** Steps of the machine, and iterations of the reference, that one run may take. Default 1,000,000. */
  readonly steps?: number;
  /** Where a program has more inputs than this, a sample of as many is checked. Default 65,536. */
  readonly inputs?: number;
  /** The same for the checks within the library's image. Default 4,096. */
  readonly imageInputs?: number;
  /** The same for the checks on the soft machine. Default 4,096. */
  readonly softInputs?: number;
}

export type Limits = Required<VerifyOptions>;

/** Steps of the soft run whose gradient is checked, however long the program runs: its record is kept in memory. */
const mostGradientSteps = 256;

/** The sizes of a library's image. */
export interface ImageSizes {
  readonly n: number;
  readonly registers: number;
  readonly memory: number;
}

/**
 * The options with their defaults filled in.
 * @throws SoftmachineError for a number that is not whole or too small.
 */
export function limitsOf(options: VerifyOptions): Limits {
  const { checkN = 16, steps = 1_000_000, inputs = 65_536, imageInputs = 4096, softInputs = 4096 } = options;
  const limits = { checkN, steps, inputs, imageInputs, softInputs };
  for (const [name, value] of Object.entries(limits)) {
    const least = name === "checkN" ? 2 : 1;
    if (!Number.isInteger(value) || value < least)
      throw new SoftmachineError(`${name} must be a whole number from ${least}, not ${value}`);
  }
  return limits;
}

/**
 * All that is checked of a program by itself: its examples, then for values 0..checkN-1 the exact machine against the
 * reference on every input, the soft machine against the exact one, and the soft machine's gradient.
 * @throws VerificationFailure at the first check that it does not pass.
 */
export function verifyProgram(
  program: LibraryProgram,
  assembly: Assembly,
  sizes: ImageSizes,
  limits: Limits,
): Omit<Verification, "image"> {
  const alone = linkAlone(assembly, sizes);
  const examples = verifyExamples(program, alone, limits);
  const image = smallestImage(assembly, sizes, limits.checkN) ?? alone;
  const { coverage: exact, steps } = verifyAgainstReference(program, image, limits);
  const softProgram = flash(image);
  const soft = verifySoft(program, image, softProgram, limits.softInputs);
  verifyGradient(program, image, softProgram, Math.min(steps.worst, mostGradientSteps));
  const { length: instructions } = assembly.instructions;
  return { instructions, registers: registersOf(assembly), steps, examples, exact, soft };
}

/**
 * Checks a program within the library's image, where its jumps have other values: exact machine against reference.
 * @throws VerificationFailure when they differ.
 */
export function verifyInImage(program: LibraryProgram, image: Image, limits: Limits): Verification["image"] {
  try {
    return verifyAgainstReference(program, image, { ...limits, inputs: limits.imageInputs }).coverage;
  } catch (error) {
    if (!(error instanceof VerificationFailure)) throw error;
    throw new VerificationFailure("image", `in the library's image, ${error.message}`, error.input);
  }
}

function linkAlone(assembly: Assembly, sizes: ImageSizes): Image {
  try {
    return link([assembly], sizes);
  } catch (error) {
    if (!(error instanceof SoftmachineError)) throw error;
    throw new VerificationFailure("assembly", error.message);
  }
}

/** The program's image with checkN, 2 checkN, … values, below the library's n: the first that its labels and constants fit in. */
function smallestImage(assembly: Assembly, sizes: ImageSizes, checkN: number): Image | undefined {
  for (let n = checkN; n < sizes.n; n *= 2) {
    try {
      return link([assembly], { n, registers: sizes.registers, memory: Math.min(n, sizes.memory) });
    } catch (error) {
      if (!(error instanceof SoftmachineError)) throw error;
    }
  }
  return undefined;
}
