import { existsSync, mkdirSync, rmdirSync, statSync } from "node:fs";
import path from "node:path";
import { SoftmachineError } from "../scheme/index.js";

/**
 * Makes a folder, and those that it stands in, as far as they are missing. Where this fails nothing is left behind.
 *
 * @returns the folders that were made, the outermost first.
 * @throws SoftmachineError where no folder can be made; the file system's own error where it says why.
 */
export function makeFolder(folder: string): string[] {
  const missing: string[] = [];
  for (let at = path.resolve(folder); !existsSync(at); at = path.dirname(at)) missing.unshift(at);
  const made: string[] = [];
  for (const each of missing) {
    try {
      mkdirSync(each);
      made.push(each);
    } catch (error) {
      const code = error instanceof Error && "code" in error ? error.code : undefined;
      if (code === "EEXIST" && statSync(each, { throwIfNoEntry: false })?.isDirectory()) continue;
      for (const empty of made.reverse()) rmdirSync(empty);
      // The folder is there, and yet not: in /proc, where Node's own recursive mkdir would try again without end.
      if (code === "ENOENT") throw new SoftmachineError(`no folder can be made in "${path.dirname(each)}"`);
      throw error;
    }
  }
  return made;
}
