import { existsSync } from "node:fs";
import path from "node:path";
import {
  type BuildOptions,
  type BuildResult,
  buildLibrary,
  type Library,
  type LibraryProgram,
  loadPackage,
  type PackagedProgram,
  readPrograms,
} from "../library/index.js";
import { note } from "./output.js";
import { showProgress } from "./progress.js";

/** Where `library build` writes its package when nothing else is asked for, and where the others look for one. */
export const defaultPackage = path.join("runs", "library");

export interface LibrarySource {
  /** A package's folder. */
  readonly library?: string;
}

/**
 * The library that a command uses: the package it was given, else the one in the default place, else the programs that
 * come with softmachine, built and verified now.
 *
 * @throws SoftmachineError when the package is missing or damaged.
 */
export async function openLibrary({ library }: LibrarySource, options: BuildOptions = {}): Promise<Library> {
  if (library !== undefined) return loadPackage(library, { onNotice: note });
  if (existsSync(defaultPackage)) return loadPackage(defaultPackage, { onNotice: note });
  const result = await buildWithProgress(options);
  return result.library;
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
  try {
    return await buildLibrary({
      ...options,
      onProgress({ phase, name, done, total, failure }) {
        progress.update(phase === "alone" ? done : total + done, 2 * total, `${name} ${phase}`);
        if (failure) note(`"${name}" is left out: ${failure.message}`);
      },
    });
  } finally {
    progress.finish();
  }
}
