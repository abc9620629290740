import { accessSync, constants, readdirSync, readFileSync, rmdirSync, statSync } from "node:fs";
import path from "node:path";
import writeFileAtomic from "write-file-atomic";
import { messageOf, SoftmachineError, suggestion } from "../scheme/index.js";
import { makeFolder } from "../tensor/index.js";
import { UsageError } from "./failures.js";

/** What stands for standard input where a file's name is asked for. */
export const standardInput = "-";

const codeOf = (error: unknown) => (error instanceof Error && "code" in error ? error.code : undefined);

/**
 * The text of a file, or of standard input for `-`.
 *
 * @throws SoftmachineError when it can't be read or is not UTF-8 text.
 */
export async function readTextFile(file: string): Promise<string> {
  let bytes: Buffer;
  try {
    bytes = file === standardInput ? await readStandardInput() : readFileSync(file);
  } catch (error) {
    throw new SoftmachineError(cannotRead(file, error));
  }
  try {
    // The decoder drops a byte-order mark.
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new SoftmachineError(`${nameOfFile(file)} is not UTF-8 text`);
  }
}

async function readStandardInput(): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

/** How a file is called in messages. */
export const nameOfFile = (file: string) => (file === standardInput ? "standard input" : `"${file}"`);

function cannotRead(file: string, error: unknown): string {
  const name = nameOfFile(file);
  switch (codeOf(error)) {
    case "ENOENT":
    case "ENOTDIR":
      return `there is no file ${name}${suggestion(path.basename(file), neighbours(file))}`;
    case "EISDIR":
      return `${name} is a folder, not a file`;
    case "EACCES":
    case "EPERM":
      return `${name} can't be read: permission denied`;
    default:
      return `${name} can't be read: ${messageOf(error)}`;
  }
}

function neighbours(file: string): string[] {
  try {
    return readdirSync(path.dirname(file));
  } catch {
    return [];
  }
}

/**
 * Writes a text beside the file and renames it, so that the file is never half-written. Folders are made as needed.
 *
 * @throws SoftmachineError when it can't be written.
 */
export function writeTextFile(file: string, text: string): void {
  writeWhole(file, text);
}

/** The same for bytes. */
export function writeBinaryFile(file: string, bytes: Uint8Array): void {
  writeWhole(file, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
}

function writeWhole(file: string, content: string | Buffer): void {
  checkWritable(file);
  try {
    makeFolder(path.dirname(path.resolve(file)));
    writeFileAtomic.sync(file, content);
  } catch (error) {
    throw new SoftmachineError(`"${file}" can't be written: ${reason(error)}`);
  }
}

/**
 * Refuses a file that can't be written, before anything that takes time is done for it.
 *
 * @throws UsageError when it is a folder, or stands in something that is no folder or can't be written to.
 */
export function checkWritable(file: string): void {
  if (statOrNothing(file)?.isDirectory()) throw new UsageError(`"${file}" is a folder, not a file`);
  checkFolder(path.dirname(path.resolve(file)), file);
}

/** The same for a folder that is to be made, or added to. */
export function checkFolder(folder: string, asked = folder): void {
  let nearest = path.resolve(folder);
  try {
    for (; statOrNothing(nearest) === undefined; nearest = path.dirname(nearest));
    if (!statSync(nearest).isDirectory()) throw new UsageError(`"${asked}" can't be written: "${nearest}" is a file`);
    accessSync(nearest, constants.W_OK);
    for (const made of makeFolder(folder).reverse()) rmdirSync(made);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`"${asked}" can't be written: ${reason(error)}`);
  }
}

function statOrNothing(file: string) {
  try {
    return statSync(file, { throwIfNoEntry: false });
  } catch (error) {
    // A file where a folder should be: its own parent is looked at next.
    if (codeOf(error) === "ENOTDIR") return undefined;
    throw error;
  }
}

function reason(error: unknown): string {
  switch (codeOf(error)) {
    case "EACCES":
    case "EPERM":
      return "permission denied";
    case "EROFS":
      return "the file system is read-only";
    case "ENOSPC":
      return "the disk is full";
    default:
      return messageOf(error);
  }
}
