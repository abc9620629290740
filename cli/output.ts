import { printNumber } from "../scheme/index.js";
import { exitCodes } from "./failures.js";

/** When whoever reads our output stops reading, as `head` does, we end quietly. */
export function endQuietlyOnBrokenPipe(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EPIPE") process.exit(exitCodes.done);
      // Nothing that is written now would be seen, unless it is stdout alone that is lost: a full disk, say.
      if (stream === process.stdout) process.stderr.write(`error: stdout can't be written: ${error.message}\n`);
      process.exit(exitCodes.failed);
    });
  }
}

/** Writes lines to stdout, and waits while the reader is behind, so that a broken pipe is noticed early. */
export async function writeLines(lines: Iterable<string>): Promise<void> {
  let block: string[] = [];
  for (const line of lines) {
    block.push(line);
    if (block.length === linesAtOnce) {
      await write(`${block.join("\n")}\n`);
      block = [];
    }
  }
  if (block.length > 0) await write(`${block.join("\n")}\n`);
}

const linesAtOnce = 512;

function write(text: string | Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    process.stdout.write(text, () => resolve());
  });
}

/** One text to stdout, ended with a line break. */
export const writeText = (text: string) => write(text.endsWith("\n") ? text : `${text}\n`);

/** Bytes to stdout, as they are. */
export const writeBytes = (bytes: Uint8Array) => write(bytes);

/**
 * A value as one line of JSON. What JSON has no numeral for is written as the language does, as text: `"+inf.0"`,
 * `"-inf.0"`, `"+nan.0"`; typed arrays are written as arrays.
 */
export function jsonText(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) => {
    if (typeof item === "number" && !Number.isFinite(item)) return printNumber(item);
    if (ArrayBuffer.isView(item) && !(item instanceof DataView)) return Array.from(item as Float64Array);
    return item;
  });
}

export const writeJson = (value: unknown) => write(`${jsonText(value)}\n`);

/** One line to stderr: what a command is doing, or what it noticed. */
export function note(text: string): void {
  process.stderr.write(`${text}\n`);
}
