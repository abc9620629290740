import { readdir, readFile, rm } from "node:fs/promises";
import path from "node:path";
import writeFileAtomic from "write-file-atomic";
import { z } from "zod";
import type { Entry } from "../assembler/index.js";
import { SoftmachineError } from "../scheme/index.js";
import { makeFolder } from "../tensor/index.js";
import { AnswerCache, answersPattern } from "./answer-cache.js";
import { reasonOf } from "./catalog.js";
import { Library } from "./library.js";
import {
  contentHash,
  formatName,
  formatVersion,
  type Manifest,
  manifestSchema,
  type PackagedProgram,
  sha256,
} from "./manifest.js";
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
  const { manifest, image } = library;
  try {
    makeFolder(folder);
    await writeFileAtomic(path.join(folder, manifest.weights.file), Buffer.from(encodeWeights(image)));
    await writeFileAtomic(path.join(folder, manifestFile), `${JSON.stringify(manifest, null, 2)}\n`);
    for (const file of await readdir(folder))
      if ((weightsPattern.test(file) && file !== manifest.weights.file) || answersPattern.test(file))
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
  const weightsFile = path.join(folder, manifest.weights.file);
  const weights = await readPart(weightsFile, folder);
  if (sha256(weights) !== manifest.weights.hash)
    throw new SoftmachineError(
      `${weightsFile} is damaged: its content does not match its hash in ${manifestFile}; ${remedy}`,
    );
  let library: Library;
  try {
    library = new Library(manifest, new AnswerCache(folder, manifest.hash, onNotice));
  } catch (error) {
    if (!(error instanceof SoftmachineError)) throw error;
    throw new SoftmachineError(`${file} is not of this softmachine: ${error.message}\n${remedy}`);
  }
  const { image } = library;
  const stray = library.programs.find((program) => !agrees(program, image.entries.get(program.name)));
  if (stray !== undefined)
    throw new SoftmachineError(
      `${file} is not of this softmachine: what it states of "${stray.name}" is not so of its text or its assembly; ${remedy}`,
    );
  if (!weights.equals(encodeWeights(image)))
    throw new SoftmachineError(
      `${weightsFile} is not what this softmachine makes of the programs' assembly; ${remedy}`,
    );
  return library;
}

/** Whether a program's statements are of its file and of its assembly. */
function agrees({ operands, source, sourceHash, entry }: PackagedProgram, linked: Entry | undefined): boolean {
  if (linked?.line !== entry || sha256(source) !== sourceHash) return false;
  return linked.operands.length === operands.length && operands.every(({ name }, i) => name === linked.operands[i]);
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
