import { readFileSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import type { AnswerRow, LazyTable } from "../machine/index.js";
import { messageOf, SoftmachineError } from "../scheme/index.js";
import { decodeSafetensors, encodeSafetensors, type SafetensorsFile, writeSafetensors } from "../tensor/index.js";
import { sha256 } from "./manifest.js";

/** What a file of answers calls its format, and the version of it that is written and read. */
const format = "softmachine-answers";
const version = "1";

/** The names of the files of answers beside a package's weights. */
export const answersPattern = /^answers-.+\.safetensors$/;

const metadataSchema = z.object({
  format: z.literal(format),
  version: z.literal(version),
  library: z.string(),
  program: z.string(),
  hash: z.string(),
});

/** What is known of a program's answers, as arrays: rows by all operands but the last, in row-major order. */
interface Arrays {
  /** [rows] */
  readonly prefixes: Float64Array;
  /** [rows, n] each. */
  readonly values: Uint16Array;
  readonly known: Uint8Array;
}

/**
 * Files of programs' answers in a package's folder, `answers-<program>.safetensors`, so that what was run once is not run
 * again. They may be missing, and can be removed at any time. One that is damaged, or can't be written, is a notice, and
 * its answers are found anew.
 */
export class AnswerCache {
  /** @param library the library's hash: answers of another are left alone. */
  constructor(
    private readonly folder: string,
    private readonly library: string,
    private readonly onNotice: (message: string) => void = () => {},
  ) {}

  /** Puts what the cache knows into a table. */
  read(table: LazyTable): void {
    const file = this.fileOf(table.name);
    let bytes: Buffer;
    try {
      bytes = readFileSync(file);
    } catch {
      return;
    }
    try {
      const stored = decodeSafetensors(bytes, file);
      const metadata = metadataSchema.safeParse(stored.metadata);
      if (!metadata.success)
        throw new SoftmachineError(`${file} does not hold answers as this softmachine writes them`);
      const { library, program, hash } = metadata.data;
      if (library !== this.library || program !== table.name) return;
      const arrays = arraysOf(stored, file);
      if (hashOf(arrays) !== hash) {
        throw new SoftmachineError(`${file} is damaged: its content does not match its hash`);
      }
      table.restore(rowsOf(arrays, table, file));
    } catch (error) {
      if (!(error instanceof SoftmachineError)) throw error;
      this.onNotice(`${error.message}; the answers of "${table.name}" are found anew`);
    }
  }

  /** Writes what a table knows. Equal tables give equal bytes. */
  async write(table: LazyTable): Promise<void> {
    const arrays = storedArrays(table);
    const rows = arrays.prefixes.length;
    const width = rows === 0 ? 0 : arrays.values.length / rows;
    try {
      await writeSafetensors(
        this.fileOf(table.name),
        {
          prefixes: { shape: [rows], data: arrays.prefixes },
          values: { shape: [rows, width], data: arrays.values },
          known: { shape: [rows, width], data: arrays.known },
        },
        { format, version, library: this.library, program: table.name, hash: hashOf(arrays) },
      );
    } catch (error) {
      this.onNotice(`the answers of "${table.name}" are not kept: ${messageOf(error)}`);
    }
  }

  /** Program names may hold what file names may not. */
  private fileOf(name: string): string {
    return path.join(this.folder, `answers-${encodeURIComponent(name).replaceAll("*", "%2A")}.safetensors`);
  }
}

function storedArrays({ rows }: LazyTable): Arrays {
  const sorted = [...rows].sort(([a], [b]) => a - b);
  const width = sorted.length === 0 ? 0 : sorted[0][1].values.length;
  const values = new Uint16Array(sorted.length * width);
  const known = new Uint8Array(sorted.length * width);
  sorted.forEach(([, row], i) => {
    values.set(row.values, i * width);
    known.set(row.known, i * width);
  });
  return { prefixes: Float64Array.from(sorted, ([prefix]) => prefix), values, known };
}

/** The hash of arrays, whatever the order of bytes here. */
function hashOf(arrays: Arrays): string {
  const { prefixes, values, known } = arrays;
  return sha256(
    encodeSafetensors({
      prefixes: { shape: [prefixes.length], data: prefixes },
      values: { shape: [values.length], data: values },
      known: { shape: [known.length], data: known },
    }),
  );
}

function arraysOf({ tensors }: SafetensorsFile, file: string): Arrays {
  const [prefixes, values, known] = ["prefixes", "values", "known"].map((name) => tensors.get(name)?.data);
  if (prefixes instanceof Float64Array && values instanceof Uint16Array && known instanceof Uint8Array)
    return { prefixes, values, known };
  throw new SoftmachineError(`${file} is damaged: it lacks an array of answers`);
}

/** The rows of a table, each looked over: an answer out of range would be read as another's. */
function rowsOf({ prefixes, values, known }: Arrays, { n, operands }: LazyTable, file: string): [number, AnswerRow][] {
  const width = operands === 0 ? 1 : n;
  const prefixEnd = n ** Math.max(0, operands - 1);
  const sound =
    values.length === prefixes.length * width &&
    known.length === values.length &&
    prefixes.every((prefix) => Number.isInteger(prefix) && prefix >= 0 && prefix < prefixEnd) &&
    values.every((value) => value < n);
  if (!sound) throw new SoftmachineError(`${file} is damaged: its answers are not of values 0 to ${n - 1}`);
  return Array.from(prefixes, (prefix, i) => {
    const range: [number, number] = [i * width, (i + 1) * width];
    return [prefix, { values: values.subarray(...range), known: known.subarray(...range) }];
  });
}
