import { setImmediate } from "node:timers/promises";
import { type Assembly, defaultRegisters, type Image, link, parseAssembly, printAssembly } from "../assembler/index.js";
import { flash } from "../machine/index.js";
import { SoftmachineError } from "../scheme/index.js";
import { findPrograms, type ProgramText } from "./catalog.js";
import { compileProgram } from "./compile-program.js";
import { Library } from "./library.js";
import { formatName, formatVersion, type PackagedProgram, sealed, sha256 } from "./manifest.js";
import { type LibraryProgram, parseProgramFile } from "./program-file.js";
import {
  type Failure,
  type ProgramReport,
  type Stage,
  type Verification,
  VerificationFailure,
} from "./verification.js";
import { type ImageSizes, type Limits, limitsOf, type VerifyOptions, verifyInImage, verifyProgram } from "./verify.js";
import { encodeWeights } from "./weights.js";

export interface BuildOptions extends VerifyOptions {
  /** The programs; by default those that come with softmachine. */
  readonly programs?: readonly ProgramText[];
  /** Values of the library's machine are 0..n-1. Default 32. */
  readonly n?: number;
  /** Registers of the image. Default 16. */
  readonly registers?: number;
  /** Memory rows of the image, at most n. Default n. */
  readonly memory?: number;
  /** Told of each program whenever it is done with. */
  readonly onProgress?: (progress: BuildProgress) => void;
}

export interface BuildProgress {
  /** Each program is checked by itself, then within the library's image. */
  readonly phase: "alone" | "in the image";
  readonly name: string;
  readonly done: number;
  readonly total: number;
  /** What it failed, if it did. */
  readonly failure?: Failure;
}

export interface BuildResult {
  /** The programs that passed every check. */
  readonly library: Library;
  /** One for each program, in the order given; those that failed are named here and left out of the library. */
  readonly reports: readonly ProgramReport[];
}

/** A program on its way through the checks. */
interface Candidate {
  readonly found: ProgramText;
  milliseconds: number;
  failure?: Failure;
  checked?: {
    readonly program: LibraryProgram;
    readonly assembly: Assembly;
    readonly verification: Omit<Verification, "image">;
    image?: Verification["image"];
  };
}

/** A library when nothing else is asked for: values 0..31. */
export const defaultLibraryN = 32;

/**
 * Compiles, verifies and links programs: each by itself, then all that passed in one image.
 * @throws SoftmachineError when no program passes, when those that pass do not fit into one image, or for an impossible option.
 */
export async function buildLibrary(options: BuildOptions = {}): Promise<BuildResult> {
  const { n = defaultLibraryN, registers = defaultRegisters, memory = n, onProgress = () => {} } = options;
  const sizes: ImageSizes = { n, registers, memory };
  const limits = limitsOf(options);
  // An impossible size is no fault of the programs: it shows without them.
  flash(link([parseAssembly("halt")], sizes));
  const candidates = (options.programs ?? (await findPrograms())).map(
    (found): Candidate => ({ found, milliseconds: 0 }),
  );
  checkNames(candidates);
  await eachCandidate("alone", candidates, onProgress, (candidate) => checkAlone(candidate, sizes, limits));
  // A program that fails among the others is left out, and the others are linked again without it.
  for (let size = -1; size !== passing(candidates).length; ) {
    const members = passing(candidates);
    size = members.length;
    const image = linkAll(candidates, sizes);
    await eachCandidate("in the image", members, onProgress, ({ checked }) => {
      if (checked) checked.image = verifyInImage(checked.program, image, limits);
    });
  }
  return { library: assembleLibrary(candidates, sizes), reports: candidates.map(reportOf) };
}

const passing = (candidates: readonly Candidate[]) => candidates.filter(({ failure }) => failure === undefined);

function checkNames(candidates: readonly Candidate[]): void {
  const files = new Map<string, string>();
  for (const { found } of candidates) {
    const other = files.get(found.name);
    if (other !== undefined)
      throw new SoftmachineError(`two programs are named "${found.name}": ${other} and ${found.file}`);
    files.set(found.name, found.file);
  }
}

/** Runs a check on each candidate; what it throws is the candidate's failure. Between them other work may go on. */
async function eachCandidate(
  phase: BuildProgress["phase"],
  candidates: readonly Candidate[],
  onProgress: (progress: BuildProgress) => void,
  check: (candidate: Candidate) => void,
): Promise<void> {
  for (const [i, candidate] of candidates.entries()) {
    const start = performance.now();
    try {
      check(candidate);
    } catch (error) {
      if (!(error instanceof VerificationFailure)) throw error;
      const { stage, message, input } = error;
      candidate.failure = { stage, message, input };
    }
    candidate.milliseconds += performance.now() - start;
    const { failure, found } = candidate;
    const done = { phase, name: found.name, done: i + 1, total: candidates.length };
    onProgress(failure === undefined ? done : { ...done, failure });
    await setImmediate();
  }
}

function checkAlone(candidate: Candidate, sizes: ImageSizes, limits: Limits): void {
  const { found } = candidate;
  const program = stage("file", () => parseProgramFile(found.text, found));
  const assembly = stage("assembly", () => compileProgram(program, sizes.registers));
  candidate.checked = { program, assembly, verification: verifyProgram(program, assembly, sizes, limits) };
}

function stage<T>(name: Stage, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof SoftmachineError)) throw error;
    throw new VerificationFailure(name, error.message);
  }
}

function linkAll(candidates: readonly Candidate[], sizes: ImageSizes): Image {
  const members = passing(candidates);
  if (members.length === 0) {
    const [first] = candidates;
    const why = first?.failure === undefined ? "there is none" : `"${first.found.name}": ${first.failure.message}`;
    throw new SoftmachineError(`no program can be in the library: ${why}`);
  }
  try {
    return link(
      members.flatMap(({ checked }) => checked?.assembly ?? []),
      sizes,
    );
  } catch (error) {
    if (!(error instanceof SoftmachineError)) throw error;
    throw new SoftmachineError(`the library does not fit: ${error.message}; take a larger n, or fewer programs`);
  }
}

function reportOf({ found, milliseconds, failure, checked }: Candidate): ProgramReport {
  const { name, subject } = found;
  if (failure !== undefined) return { name, subject, milliseconds, ok: false, failure };
  return { name, subject, milliseconds, ok: true, verification: verificationOf(checked) };
}

function verificationOf(checked: Candidate["checked"]): Verification {
  if (checked?.image === undefined) throw new Error("a program without failure has passed every check");
  const { instructions, registers, steps, examples, exact, soft } = checked.verification;
  return { instructions, registers, steps, examples, exact, image: checked.image, soft };
}

function assembleLibrary(candidates: readonly Candidate[], sizes: ImageSizes): Library {
  const image = linkAll(candidates, sizes);
  const weights = sha256(encodeWeights(image));
  const programs = passing(candidates).map((candidate) => packaged(candidate, image));
  return new Library(
    sealed({
      format: formatName,
      version: formatVersion,
      ...sizes,
      weights: { file: `weights-${weights.slice(0, 16)}.safetensors`, hash: weights },
      programs,
    }),
  );
}

function packaged({ found, checked }: Candidate, image: Image): PackagedProgram {
  const entry = image.entries.get(found.name);
  if (checked === undefined || entry === undefined) throw new Error(`"${found.name}" has not been linked`);
  const { program, assembly } = checked;
  const { name, subject, documentation, operands, result, examples, origin } = program;
  return {
    name,
    subject,
    documentation,
    operands: [...operands],
    result,
    examples: examples.map(({ text, arguments: given, result: value }) => ({
      text,
      arguments: [...given],
      result: value,
    })),
    ...(origin === undefined ? {} : { origin }),
    source: found.text,
    sourceHash: sha256(found.text),
    assembly: printAssembly(assembly),
    entry: entry.line,
    verification: verificationOf(checked),
  };
}
