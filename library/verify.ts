import { type Assembly, type Image, link, registersOf } from "../assembler/index.js";
import { flash, flashBinary, LazyTable } from "../machine/index.js";
import { SoftmachineError } from "../scheme/index.js";
import { isTabulable, leastN } from "./operands.js";
import type { LibraryProgram } from "./program-file.js";
import { cellsTouched } from "./touched-cells.js";
import { type Coverage, inStage, type MachineVerification, VerificationFailure } from "./verification.js";
import { verifyCircuit } from "./verify-circuit.js";
import { verifyWholePaths } from "./verify-direct.js";
import { OutOfMemory, verifyAgainstReference, verifyExamples } from "./verify-exact.js";
import { verifySoft } from "./verify-soft.js";
import { verifyFiniteGradient, verifySoftSlopes } from "./verify-soft-gradient.js";
import { verifyTabulated } from "./verify-tabulated.js";

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
  /** About as many steps of the exact machine a check of one program takes on a sample. Default 200,000. */
  readonly work?: number;
  /** The same where a check by itself is on all inputs: from more steps on it is on a sample. Default 1,000,000. */
  readonly exhaustiveWork?: number;
  /** About as many steps the check of the soft machine takes. Default 150,000. */
  readonly softWork?: number;
  /** The most steps that the check of the machine on bits takes, all inputs together. Default 4,000. */
  readonly circuitWork?: number;
}

export type Limits = Required<VerifyOptions>;

/** Steps of the soft runs whose gradients are checked, however long the program runs: their records are kept in memory. */
const mostGradientSteps = 128;
/** Slopes that are compared with differences, each of which takes two soft runs. */
const mostSlopes = 6;
/** Tabulated calls that are compared with runs: so many with certain operands, and as many with soft ones. */
const tabulatedCalls = 64;

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
  const { work = 200_000, exhaustiveWork = 1_000_000, softWork = 150_000, circuitWork = 4000 } = options;
  const limits = { checkN, steps, inputs, imageInputs, softInputs, work, exhaustiveWork, softWork, circuitWork };
  for (const [name, value] of Object.entries(limits)) {
    const least = name === "checkN" ? 2 : 1;
    if (!Number.isInteger(value) || value < least)
      throw new SoftmachineError(`${name} must be a whole number from ${least}, not ${value}`);
  }
  return limits;
}

/**
 * All that is checked of a program of whole numbers by itself: its examples, then for values 0..checkN-1 the exact machine
 * against the reference on every input, the soft machine against the exact one, the machine on bits and tabulated calls too,
 * and the soft machine's gradient; and the exact path against the reference, not modulo anything. Where the program or its
 * stack does not fit among so few values, twice as many are taken.
 * @throws VerificationFailure at the first check that it does not pass.
 */
export function verifyProgram(
  program: LibraryProgram,
  assembly: Assembly,
  sizes: ImageSizes,
  limits: Limits,
): Omit<MachineVerification, "image"> {
  const alone = inStage("assembly", () => link([assembly], sizes));
  checkRanges(program, sizes.n);
  const examples = verifyExamples(program, alone, limits);
  const { image, coverage: exact, steps } = verifySmallest(program, assembly, alone, sizes, limits);
  const softProgram = flash(image);
  const affordable = Math.max(1, Math.floor(limits.softWork / steps.mean));
  const soft = verifySoft(program, image, softProgram, Math.min(limits.softInputs, affordable));
  const binary = isPowerOfTwo(image.n) ? flashBinary(image) : undefined;
  const circuit = binary && verifyCircuit(program, image, binary, limits.circuitWork);
  const table = isTabulable(program, image.n) ? new LazyTable(image, program.name) : undefined;
  const tabulated = table && verifyTabulated(program, image, table, tabulatedCalls);
  const paths = verifyWholePaths(program, image.n, limits);
  verifyFiniteGradient(program, image, softProgram, Math.min(steps.worst, mostGradientSteps));
  return {
    instructions: assembly.instructions.length,
    registers: registersOf(assembly),
    memory: cellsTouched(program, image),
    steps,
    examples,
    exact,
    soft,
    ...(circuit === undefined ? {} : { circuit }),
    ...(tabulated === undefined ? {} : { tabulated }),
    gradient: verifySoftSlopes(program, image, softProgram, mostGradientSteps, mostSlopes),
    paths,
  };
}

const isPowerOfTwo = (n: number) => Number.isInteger(Math.log2(n));

/** A number that can't be a value of the library's machine could never be checked. */
function checkRanges({ name, operands }: LibraryProgram, n: number): void {
  const least = leastN(operands);
  if (least <= n) return;
  throw new VerificationFailure(
    "assembly",
    `"${name}" takes numbers from ${least - 1} on, and the library has n = ${n}`,
  );
}

/** The check against the reference with checkN, 2 checkN, … values: the first that the program and its stack fit in. */
function verifySmallest(program: LibraryProgram, assembly: Assembly, alone: Image, sizes: ImageSizes, limits: Limits) {
  for (let n = limits.checkN; n < sizes.n; n *= 2) {
    if (n < leastN(program.operands)) continue;
    try {
      const image = link([assembly], { n, registers: sizes.registers, memory: Math.min(n, sizes.memory) });
      return { image, ...verifyAgainstReference(program, image, limits) };
    } catch (error) {
      const fits = error instanceof VerificationFailure && !(error instanceof OutOfMemory);
      if (fits || !(error instanceof SoftmachineError)) throw error;
    }
  }
  return { image: alone, ...verifyAgainstReference(program, alone, limits) };
}

/**
 * Checks a program within the library's image, where its jumps have other values: exact machine against reference.
 * @throws VerificationFailure when they differ.
 */
export function verifyInImage(program: LibraryProgram, image: Image, limits: Limits): Coverage {
  try {
    return verifyAgainstReference(program, image, {
      ...limits,
      inputs: limits.imageInputs,
      exhaustiveWork: limits.work,
    }).coverage;
  } catch (error) {
    if (!(error instanceof VerificationFailure)) throw error;
    throw new VerificationFailure("image", `in the library's image, ${error.message}`, error.input);
  }
}
