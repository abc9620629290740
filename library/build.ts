import { setImmediate } from "node:timers/promises";
import {
  type Assembly,
  defaultRegisters,
  type Entry,
  type Image,
  link,
  parseAssembly,
  printAssembly,
} from "../assembler/index.js";
import { flash } from "../machine/index.js";
import { SoftmachineError } from "../scheme/index.js";
import { findPrograms, type ProgramText } from "./catalog.js";
import { compileProgram } from "./compile-program.js";
import { Library, type PackagedProgram } from "./library.js";
import {
  certificateOf,
  formatName,
  formatVersion,
  type ManifestContent,
  type ManifestProgram,
  sealed,
  sha256,
} from "./manifest.js";
import { isForMachine } from "./operands.js";
import { type LibraryProgram, parseProgramFile } from "./program-file.js";
import { ProgramFiles } from "./program-files.js";
import { printValueType, type ValueType } from "./value-type.js";
import {
  attempt,
  type Coverage,
  type DirectVerification,
  type Failure,
  inStage,
  type MachineVerification,
  type ProgramReport,
  type Verification,
  VerificationFailure,
} from "./verification.js";
import { type ImageSizes, type Limits, limitsOf, type VerifyOptions, verifyInImage, verifyProgram } from "./verify.js";
import { verifyDirect } from "./verify-direct.js";
import { bytesOfLine, encodeWeights } from "./weights.js";

export interface BuildOptions extends VerifyOptions {
  /** The programs; by default those that come with softmachine. */
  readonly programs?: readonly ProgramText[];
  /** Values of the library's machine are 0..n-1. Default 64. */
  readonly n?: number;
  /** Registers of the image. Default 16. */
  readonly registers?: number;
  /** Memory rows of the image, at most n. Default n. */
  readonly memory?: number;
  /**
   * A library of programs that were checked before. What is the same in it, with the same sizes, is not checked by itself
   * again; within the new image it is.
   */
  readonly known?: Library;
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
  checked?: Checked;
}

/** A program that passed the checks by itself. */
type Checked = { readonly program: LibraryProgram } & (
  | {
      readonly kind: "machine";
      readonly assembly: Assembly;
      readonly verification: Omit<MachineVerification, "image">;
      image?: Coverage;
    }
  | { readonly kind: "direct"; readonly verification: DirectVerification }
);

/** A library when nothing else is asked for: values 0..63, and as many memory cells, which programs on arrays need. */
export const defaultLibraryN = 64;

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
  const files = new ProgramFiles(candidates.map(({ found }) => found));
  await eachCandidate("alone", candidates, onProgress, (candidate) => {
    const program = inStage("file", () => parseProgramFile(candidate.found.text, { ...candidate.found, files }));
    candidate.checked = checkAlone(program, sizes, limits, options.known);
  });
  // A program that fails among the others is left out, and the others are linked again without it.
  for (let size = -1; size !== passing(candidates).length; ) {
    leaveOutCallers(candidates, onProgress);
    size = passing(candidates).length;
    if (size === 0) throw nothingPassed(candidates);
    const members = passing(candidates).filter(({ checked }) => checked?.kind === "machine");
    const image = linkAll(members, sizes);
    if (image === undefined) break;
    await eachCandidate("in the image", members, onProgress, ({ checked }) => {
      if (checked?.kind === "machine") checked.image = verifyInImage(checked.program, image, limits);
    });
  }
  const library = assembleLibrary(passing(candidates), sizes);
  return { library, reports: candidates.map((candidate) => reportOf(candidate, library)) };
}

const passing = (candidates: readonly Candidate[]) => candidates.filter(({ failure }) => failure === undefined);

/** Leaves out the programs that call one that is left out. */
function leaveOutCallers(candidates: readonly Candidate[], onProgress: (progress: BuildProgress) => void): void {
  const failed = new Set(candidates.flatMap(({ found, failure }) => (failure === undefined ? [] : found.name)));
  for (const [i, candidate] of candidates.entries()) {
    const callee = candidate.checked?.program.calls.find((name) => failed.has(name));
    if (candidate.failure !== undefined || callee === undefined) continue;
    const failure: Failure = { stage: "file", message: `it calls "${callee}", which is left out`, input: undefined };
    candidate.failure = failure;
    onProgress({ phase: "alone", name: candidate.found.name, done: i + 1, total: candidates.length, failure });
  }
}

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

function checkAlone(program: LibraryProgram, sizes: ImageSizes, limits: Limits, known?: Library): Checked {
  const before = checkedBefore(program, sizes, known);
  if (!isForMachine(program)) {
    const verification = before?.kind === "direct" ? before.verification : verifyDirect(program, limits.steps);
    return { kind: "direct", program, verification };
  }
  const assembly = inStage("assembly", () => compileProgram(program, sizes.registers));
  if (before?.kind === "machine" && before.assembly === printAssembly(assembly)) {
    const { image: _, ...verification } = before.verification;
    return { kind: "machine", program, assembly, verification };
  }
  return { kind: "machine", program, assembly, verification: verifyProgram(program, assembly, sizes, limits) };
}

/** The program of a library of the same sizes whose text is the same, linked texts included. */
function checkedBefore(
  { name, source }: LibraryProgram,
  sizes: ImageSizes,
  known?: Library,
): PackagedProgram | undefined {
  const { n, registers, memory } = known?.manifest ?? {};
  if (n !== sizes.n || registers !== sizes.registers || memory !== sizes.memory) return undefined;
  return known?.programs.find((program) => program.name === name && program.source === source);
}

function nothingPassed([first]: readonly Candidate[]): SoftmachineError {
  const why = first?.failure === undefined ? "there is none" : `"${first.found.name}": ${first.failure.message}`;
  return new SoftmachineError(`no program can be in the library: ${why}`);
}

/** The image of those of some programs that the machine runs; undefined when there is none. */
function linkAll(members: readonly Candidate[], sizes: ImageSizes): Image | undefined {
  const assemblies = members.flatMap(({ checked }) => (checked?.kind === "machine" ? checked.assembly : []));
  if (assemblies.length === 0) return undefined;
  return attempt(
    () => link(assemblies, sizes),
    (message) => {
      throw new SoftmachineError(`the library does not fit: ${message}; take a larger n, or fewer programs`);
    },
  );
}

function reportOf({ found: { name, subject }, milliseconds, failure }: Candidate, library: Library): ProgramReport {
  if (failure !== undefined) return { name, subject, milliseconds, ok: false, failure };
  const program = library.program(name);
  const { bytes, certificate } = program;
  const verification: Verification =
    program.kind === "machine"
      ? { kind: "machine", ...program.verification }
      : { kind: "direct", ...program.verification };
  return { name, subject, milliseconds, ok: true, bytes, certificate, verification };
}

function assembleLibrary(members: readonly Candidate[], sizes: ImageSizes): Library {
  const image = linkAll(members, sizes);
  return new Library(
    sealed({
      format: formatName,
      version: formatVersion,
      ...sizes,
      ...(image === undefined ? {} : { weights: weightsOf(image) }),
      programs: members.map((candidate) => packaged(candidate, image)),
    }),
  );
}

function weightsOf(image: Image): ManifestContent["weights"] {
  const hash = sha256(encodeWeights(image));
  return { file: `weights-${hash.slice(0, 16)}.safetensors`, hash };
}

function packaged({ found, checked }: Candidate, image: Image | undefined): ManifestProgram {
  if (checked === undefined) throw new Error(`"${found.name}" has not been checked`);
  const { name, subject, documentation, operands, result, examples, complexity, origin } = checked.program;
  const typed = <T extends { readonly type: ValueType }>({ type, ...item }: T) => ({
    ...item,
    type: printValueType(type),
  });
  const base = {
    name,
    subject,
    documentation,
    operands: operands.map(typed),
    result: typed(result),
    examples: examples.map(({ text, arguments: given, result: value }) => ({ text, arguments: given, result: value })),
    ...(complexity === undefined ? {} : { complexity }),
    ...(origin === undefined ? {} : { origin }),
    text: found.text,
    calls: [...checked.program.calls],
    sourceHash: sha256(checked.program.source),
  };
  const bytes = Buffer.byteLength(found.text);
  if (checked.kind === "direct") {
    const program = { kind: checked.kind, ...base, bytes, verification: checked.verification };
    return { ...program, certificate: certificateOf(program) };
  }
  const entry = image?.entries.get(found.name);
  if (image === undefined || entry === undefined || checked.image === undefined)
    throw new Error(`"${found.name}" has not been linked`);
  const assembly = printAssembly(checked.assembly);
  const verification = { ...checked.verification, image: checked.image };
  const size = bytes + Buffer.byteLength(assembly) + ownLines(image, entry) * bytesOfLine(image);
  const program = { kind: checked.kind, ...base, assembly, entry: entry.line, bytes: size, verification };
  return { ...program, certificate: certificateOf(program) };
}

/** Lines of a program that no program before it has. */
function ownLines({ entries }: Image, { name, end }: Entry): number {
  const all = [...entries.values()];
  return end - (all[all.findIndex((entry) => entry.name === name) - 1]?.end ?? 0);
}
