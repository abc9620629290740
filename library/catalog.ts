import { readdir, readFile, stat } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { messageOf, SoftmachineError } from "../scheme/index.js";
import { type LibraryProgram, parseProgramFile } from "./program-file.js";
import { ProgramFiles } from "./program-files.js";

/** A program's file, its text not yet parsed. */
export interface ProgramText {
  /** The file's name without `.scm`. */
  readonly name: string;
  /** The folder that the file is in, `/` between levels; empty at the top. */
  readonly subject: string;
  /** What messages call the file: its path from where it was looked for, `/` between levels. */
  readonly file: string;
  readonly text: string;
}

/** The folder of the programs that come with softmachine, beside this module in the source and in what is built. */
export const embeddedFolder = fileURLToPath(new URL("./programs/", import.meta.url));

const extension = ".scm";

/** What the linker and the assembly's text take for a name. */
const namePattern = /^[^\s;,:@#()[\]]+$/;

/**
 * The `.scm` files of a folder and the folders within it, in the order of their names.
 * @throws SoftmachineError when the folder can't be read, holds none, or two files bear one name.
 */
export async function findPrograms(folder: string = embeddedFolder): Promise<ProgramText[]> {
  const files = await programFiles(folder);
  if (files.length === 0) throw new SoftmachineError(`there is no ${extension} file in ${folder}`);
  const found = new Map<string, ProgramText>();
  for (const file of files) {
    const name = nameOf(file);
    const other = found.get(name);
    if (other) throw new SoftmachineError(`two programs are named "${name}": ${other.file} and ${file}`);
    const subject = path.posix.dirname(file);
    found.set(name, { name, subject: subject === "." ? "" : subject, file, text: await readText(folder, file) });
  }
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/**
 * A program's file, or all of a folder, as `findPrograms` finds them.
 * @throws SoftmachineError when it can't be read, or is no `.scm` file.
 */
export async function findProgramsAt(place: string): Promise<ProgramText[]> {
  let isFolder: boolean;
  try {
    isFolder = (await stat(place)).isDirectory();
  } catch (error) {
    throw new SoftmachineError(`can't read the programs at ${place}: ${reasonOf(error)}`);
  }
  if (isFolder) return findPrograms(place);
  const name = nameOf(path.basename(place));
  if (!place.endsWith(extension)) throw new SoftmachineError(`${place} is no ${extension} file`);
  return [{ name, subject: "", file: place, text: await readText(path.dirname(place), path.basename(place)) }];
}

/**
 * The programs of a folder, parsed.
 * @throws SourceError at the first fault in one of them; SoftmachineError as `findPrograms`.
 */
export async function readPrograms(folder: string = embeddedFolder): Promise<LibraryProgram[]> {
  return parsePrograms(await findPrograms(folder));
}

/**
 * Programs of one library, which may call each other by name.
 * @throws SourceError at the first fault in one of them.
 */
export function parsePrograms(found: readonly ProgramText[]): LibraryProgram[] {
  const files = new ProgramFiles(found);
  return found.map((each) => parseProgramFile(each.text, { ...each, files }));
}

/** The name of the program that a file holds. */
function nameOf(file: string): string {
  const name = path.posix.basename(file, extension);
  if (namePattern.test(name)) return name;
  throw new SoftmachineError(`${file}: "${name}" can't be a program's name`);
}

/** Paths of the folder's program files from the folder, `/` between levels. */
async function programFiles(folder: string): Promise<string[]> {
  const files: string[] = [];
  try {
    for (const entry of await readdir(folder, { recursive: true })) {
      if (!entry.endsWith(extension) || !(await stat(path.join(folder, entry))).isFile()) continue;
      files.push(entry.split(path.sep).join("/"));
    }
  } catch (error) {
    throw new SoftmachineError(`can't read the programs in ${folder}: ${reasonOf(error)}`);
  }
  return files.sort();
}

async function readText(folder: string, file: string): Promise<string> {
  try {
    const bytes = await readFile(path.join(folder, file));
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    const reason = error instanceof TypeError ? "it is not UTF-8 text" : reasonOf(error);
    throw new SoftmachineError(`can't read the program ${file}: ${reason}`);
  }
}

/** Why a file could not be used, without the path, which the message has already. */
export function reasonOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "ENOENT") return "it does not exist";
  if (code === "ENOTDIR" || code === "EEXIST") return "it is not a folder";
  if (code === "EISDIR") return "it is a folder";
  if (code === "EACCES" || code === "EPERM") return "permission denied";
  return messageOf(error);
}
