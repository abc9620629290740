import { existsSync } from "node:fs";
import path from "node:path";
import {
  type BuildOptions,
  type BuildResult,
  buildLibrary,
  findPrograms,
  type Library,
  type LibraryProgram,
  loadPackage,
  noProgram,
  type PackagedProgram,
  ProgramFiles,
  type ProgramText,
  readPrograms,
} from "../library/index.js";
import { SoftmachineError } from "../scheme/index.js";
import { note } from "./output.js";
import { showProgress } from "./progress.js";

/** Where `library build` writes its package when nothing else is asked for, and where the others look for one. */
export const defaultPackage = path.join("runs", "library");

export interface LibrarySource {
  /** A package's folder. */
  readonly library?: string;
}

/**
 * The library that a command uses: the package it was given, else the one in the default place, else what it needs of the
 * programs that come with softmachine, built and verified now.
 *
 * @throws SoftmachineError when the package is missing or damaged.
 */
export async function openLibrary({ library }: LibrarySource, options: OwnLibrary): Promise<Library> {
  if (library !== undefined) return loadPackage(library, { onNotice: note });
  if (existsSync(defaultPackage)) return loadPackage(defaultPackage, { onNotice: note });
  const { names, n } = options;
  const result = await buildWithProgress({ programs: await ownPrograms(names), ...(n === undefined ? {} : { n }) });
  return result.library;
}

/** What is built where there is no package. */
export interface OwnLibrary {
  /** Of the programs that come with softmachine, those that are needed. */
  readonly names: readonly string[] | ((name: string) => boolean);
  readonly n?: number | undefined;
}

/**
 * Some of the programs that come with softmachine, and those that they call.
 *
 * @throws SoftmachineError naming the nearest where there is none of a name.
 */
export async function ownPrograms(wanted: OwnLibrary["names"]): Promise<ProgramText[]> {
  const found = await findPrograms();
  const known = found.map(({ name }) => name);
  const names = typeof wanted === "function" ? known.filter(wanted) : wanted;
  const stray = names.find((name) => !known.includes(name));
  if (stray !== undefined) throw new SoftmachineError(noProgram(stray, known));
  const files = new ProgramFiles(found);
  const needed = new Set(names.flatMap((name) => [name, ...files.linked(name).calls]));
  return found.filter(({ name }) => needed.has(name));
}

/**
 * The programs of that library, without building one: they can be read, and run on the exact path.
 *
 * @throws SoftmachineError when the package is missing or damaged.
 */
export async function readLibrary({ library }: LibrarySource): Promise<readonly (PackagedProgram | LibraryProgram)[]> {
  const folder = library ?? (existsSync(defaultPackage) ? defaultPackage : undefined);
  if (folder !== undefined) return (await loadPackage(folder, { onNotice: note })).programs;
  return readPrograms();
}

/** Builds a library and shows how far it is; programs that fail are named on stderr. */
export async function buildWithProgress(options: BuildOptions): Promise<BuildResult> {
  const progress = showProgress("building the library");
  let all = 0;
  try {
    return await buildLibrary({
      ...options,
      onProgress({ phase, name, done, total, failure }) {
        if (phase === "alone") all = total;
        // In the image there may be fewer programs: the second half of the way all the same.
        const passed = phase === "alone" ? done : all + Math.round((all * done) / total);
        progress.update(passed, 2 * all, `${name} ${phase}`);
        if (failure) note(`"${name}" is left out: ${failure.message}`);
      },
    });
  } finally {
    progress.finish();
  }
}
