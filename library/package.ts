import { readdir, readFile, rm } from "node:fs/promises";
import path from "node:path";
import writeFileAtomic from "write-file-atomic";
import { z } from "zod";
import { type Shape, SoftmachineError } from "../scheme/index.js";
import { makeFolder } from "../tensor/index.js";
import { AnswerCache, answersPattern } from "./answer-cache.js";
import { reasonOf } from "./catalog.js";
import { Library, type PackagedProgram } from "./library.js";
import {
  certificateOf,
  contentHash,
  formatName,
  formatVersion,
  type Manifest,
  manifestSchema,
  sha256,
} from "./manifest.js";
import { isForMachine, machineNames } from "./operands.js";
import { encodeWeights } from "./weights.js";

const manifestFile = "manifest.json";
const weightsPattern = /^weights-[0-9a-f]{16}\.safetensors$/;
const remedy = '"softmachine library build" writes it anew';

/**
 * Writes a library's package into a folder: `weights-<hash>.safetensors`, then `manifest.json`, which names it. The
 * manifest is written beside its place and renamed there, so that whenever this stops, the folder holds the old package
 * or the new one, whole. Weights and answers of an earlier package are then removed; other files are
 * left alone.
 *
 * Equal libraries give equal bytes.
 * @throws SoftmachineError when the folder can't be written.
 */
export async function writePackage(folder: string, library: Library): Promise<void> {
  const { weights } = library.manifest;
  try {
    makeFolder(folder);
    if (weights !== undefined)
      await writeFileAtomic(path.join(folder, weights.file), Buffer.from(encodeWeights(library.image)));
    await writeFileAtomic(path.join(folder, manifestFile), `${JSON.stringify(library.manifest, null, 2)}\n`);
    for (const file of await readdir(folder))
      if ((weightsPattern.test(file) && file !== weights?.file) || answersPattern.test(file))
        await rm(path.join(folder, file), { force: true });
  } catch (error) {
    throw new SoftmachineError(`can't write the library package ${folder}: ${reasonOf(error)}`);
  }
}

export interface LoadPackageOptions {
  /** Told what is amiss with kept answers, which are then found anew, one sentence each. */
  readonly onNotice?: (message: string) => void;
}

/**
 * Reads a library's package and checks all of it: format, version, schema, both hashes, and that the weights are what
 * this softmachine makes of the assembly. Programs' answers found before are read when they are first asked for.
 * @throws SoftmachineError saying which file is missing, damaged or of another version, and what to do.
 */
export async function loadPackage(folder: string, { onNotice }: LoadPackageOptions = {}): Promise<Library> {
  const file = path.join(folder, manifestFile);
  const text = await readPart(file, folder);
  const manifest = readManifest(text.toString("utf8"), file);
  const weights = manifest.weights && (await readWeights(folder, manifest.weights));
  let library: Library;
  try {
    library = new Library(manifest, new AnswerCache(folder, manifest.hash, onNotice));
  } catch (error) {
    if (!(error instanceof SoftmachineError)) throw error;
    throw new SoftmachineError(`${file} is not of this softmachine: ${error.message}\n${remedy}`);
  }
  const stray = library.programs.find((program) => !agrees(program, library));
  if (stray !== undefined)
    throw new SoftmachineError(
      `${file} is not of this softmachine: what it states of "${stray.name}" is not so of its text or its assembly; ${remedy}`,
    );
  if (library.hasImage !== (weights !== undefined))
    throw new SoftmachineError(`${file} is damaged: its programs and its weights do not go together; ${remedy}`);
  if (weights !== undefined && !weights.bytes.equals(encodeWeights(library.image)))
    throw new SoftmachineError(
      `${weights.file} is not what this softmachine makes of the programs' assembly; ${remedy}`,
    );
  return library;
}

async function readWeights(folder: string, { file: name, hash }: NonNullable<Manifest["weights"]>) {
  const file = path.join(folder, name);
  const bytes = await readPart(file, folder);
  if (sha256(bytes) === hash) return { file, bytes };
  throw new SoftmachineError(`${file} is damaged: its content does not match its hash in ${manifestFile}; ${remedy}`);
}

/** Whether a program's statements are of its file and of its assembly. */
function agrees(program: PackagedProgram, library: Library): boolean {
  const { name, operands, result, source, sourceHash, certificate } = program;
  if (sha256(source) !== sourceHash || certificateOf(program) !== certificate) return false;
  if (isForMachine(program) !== (program.kind === "machine")) return false;
  if (program.kind === "direct") return true;
  const linked = library.image.entries.get(name);
  const facts = (line: number | undefined, names: readonly string[] | undefined, shape: Shape = []) =>
    JSON.stringify([line, names, shape]);
  return (
    facts(linked?.line, linked?.operands, linked?.result?.shape) ===
    facts(program.entry, machineNames(operands), result.type.shape)
  );
}

async function readPart(file: string, folder: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    throw new SoftmachineError(
      `there is no whole library package in ${folder}: can't read ${file}: ${reasonOf(error)}; ${remedy}`,
    );
  }
}

function readManifest(text: string, file: string): Manifest {
  const damaged = (what: string) => new SoftmachineError(`${file} is damaged: ${what}; ${remedy}`);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw damaged("it is not JSON");
  }
  const head = z.record(z.string(), z.unknown()).safeParse(json);
  if (!head.success || head.data.format !== formatName)
    throw new SoftmachineError(`${file} is not the manifest of a softmachine library; ${remedy}`);
  const { version } = head.data;
  if (version !== formatVersion) {
    const shown = JSON.stringify(version) ?? "none";
    throw new SoftmachineError(
      `${file} has format version ${shown}; this softmachine reads version ${formatVersion}; ${remedy}`,
    );
  }
  const parsed = manifestSchema.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw damaged(`${issue.path.length === 0 ? "" : `${issue.path.join(".")}: `}${issue.message}`);
  }
  const { hash, ...content } = parsed.data;
  if (contentHash(content) !== hash) throw damaged("its content does not match its hash");
  return parsed.data;
}
