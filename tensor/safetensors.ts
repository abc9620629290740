/**
 * The safetensors format: eight bytes with the header's length (little-endian), a JSON header naming each tensor's
 * dtype, shape and byte range, then the data. Written so that equal contents give equal bytes; checked whole on reading.
 */
import { readFile } from "node:fs/promises";
import path from "node:path";
import writeFileAtomic from "write-file-atomic";
import { messageOf, SoftmachineError } from "../scheme/index.js";
import { makeFolder } from "./make-folder.js";

/** The typed arrays that can be stored. */
export type TensorArray = Float32Array | Float64Array | Int32Array | Uint16Array | Uint8Array;

/** An array with its shape, row-major; its length is the product of the shape. */
export interface NamedArray {
  readonly shape: readonly number[];
  readonly data: TensorArray;
}

/** What a file holds: tensors by name, and free metadata, strings only. */
export interface SafetensorsFile {
  readonly tensors: ReadonlyMap<string, NamedArray>;
  readonly metadata: Readonly<Record<string, string>>;
}

const DTYPES = {
  F32: { bytes: 4, view: (buffer: ArrayBuffer) => new Float32Array(buffer) },
  F64: { bytes: 8, view: (buffer: ArrayBuffer) => new Float64Array(buffer) },
  I32: { bytes: 4, view: (buffer: ArrayBuffer) => new Int32Array(buffer) },
  U16: { bytes: 2, view: (buffer: ArrayBuffer) => new Uint16Array(buffer) },
  U8: { bytes: 1, view: (buffer: ArrayBuffer) => new Uint8Array(buffer) },
} as const;

type Dtype = keyof typeof DTYPES;

/** The format's own bound on its header, so that a damaged length can't ask for all memory. */
const MAX_HEADER_BYTES = 100_000_000;

/**
 * The bytes of a safetensors file. Tensors lie widest dtype first, then by name, so that each is aligned.
 *
 * @throws SoftmachineError when an array's length is not the product of its shape.
 */
export function encodeSafetensors(
  tensors: ReadonlyMap<string, NamedArray> | Readonly<Record<string, NamedArray>>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const entries = [...(tensors instanceof Map ? tensors.entries() : Object.entries(tensors))]
    .map(([name, array]: [string, NamedArray]) => ({ name, array, dtype: dtypeOf(array.data) }))
    .sort((a, b) => DTYPES[b.dtype].bytes - DTYPES[a.dtype].bytes || (a.name < b.name ? -1 : 1));
  const header: Record<string, unknown> = {};
  const metadataKeys = Object.keys(metadata).sort();
  if (metadataKeys.length > 0) {
    header.__metadata__ = Object.fromEntries(metadataKeys.map((key) => [key, metadata[key]]));
  }
  let offset = 0;
  for (const { name, array, dtype } of entries) {
    if (name === "__metadata__") throw new SoftmachineError('a tensor may not be named "__metadata__"');
    const size = array.shape.reduce((product, side) => product * side, 1);
    if (size !== array.data.length) {
      throw new SoftmachineError(
        `tensor "${name}" has shape [${array.shape.join(", ")}] but ${array.data.length} values`,
      );
    }
    header[name] = { dtype, shape: array.shape, data_offsets: [offset, offset + array.data.byteLength] };
    offset += array.data.byteLength;
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const headerLength = Math.ceil(json.length / 8) * 8;
  const bytes = new Uint8Array(8 + headerLength + offset);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerLength), true);
  bytes.fill(0x20, 8, 8 + headerLength);
  bytes.set(json, 8);
  let position = 8 + headerLength;
  for (const { array } of entries) {
    const { buffer, byteOffset, byteLength } = array.data;
    bytes.set(new Uint8Array(buffer, byteOffset, byteLength), position);
    position += byteLength;
  }
  return bytes;
}

/**
 * Reads the bytes of a safetensors file, checking all of it. `where` names the file in messages.
 *
 * @throws SoftmachineError saying what is damaged: truncated, not JSON, unknown dtype, overlapping or missing data.
 */
export function decodeSafetensors(bytes: Uint8Array, where = "safetensors data"): SafetensorsFile {
  const damaged = (what: string) => new SoftmachineError(`${where} is damaged: ${what}`);
  if (bytes.length < 8) throw damaged(`${bytes.length} bytes are too few for a header`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const declared = view.getBigUint64(0, true);
  if (declared > BigInt(MAX_HEADER_BYTES) || declared > BigInt(bytes.length - 8)) {
    throw damaged(`the header should take ${declared} bytes, and the file has ${bytes.length - 8} after its length`);
  }
  const headerLength = Number(declared);
  const header = parseHeader(bytes.subarray(8, 8 + headerLength), damaged);
  const data = bytes.subarray(8 + headerLength);
  const metadata: Record<string, string> = {};
  const ranges: { name: string; from: number; to: number }[] = [];
  const tensors = new Map<string, NamedArray>();
  for (const [name, entry] of Object.entries(header)) {
    if (name === "__metadata__") {
      if (!isRecord(entry)) throw damaged("its metadata is not an object");
      for (const [key, value] of Object.entries(entry)) {
        if (typeof value !== "string") throw damaged(`metadata "${key}" is not a string`);
        metadata[key] = value;
      }
      continue;
    }
    const { dtype, shape, from, to } = checkEntry(name, entry, damaged);
    if (to > data.length) throw damaged(`tensor "${name}" ends at byte ${to} of ${data.length}: the file is truncated`);
    ranges.push({ name, from, to });
    // Copied, so that the array is aligned and independent of the file's bytes. A Buffer's own slice would not copy.
    const copy = Uint8Array.from(data.subarray(from, to));
    tensors.set(name, { shape, data: DTYPES[dtype].view(copy.buffer) });
  }
  ranges.sort((a, b) => a.from - b.from || a.to - b.to);
  let end = 0;
  for (const { name, from, to } of ranges) {
    if (from < end) throw damaged(`tensor "${name}" overlaps another`);
    if (from > end) throw damaged(`${from - end} bytes before tensor "${name}" belong to none`);
    end = to;
  }
  if (end !== data.length) throw damaged(`${data.length - end} bytes after the last tensor belong to none`);
  return { tensors, metadata };
}

/** Writes a safetensors file beside its place and renames it there, so that it is never half-written. Makes its folder. */
export async function writeSafetensors(
  file: string,
  tensors: ReadonlyMap<string, NamedArray> | Readonly<Record<string, NamedArray>>,
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> {
  const bytes = encodeSafetensors(tensors, metadata);
  try {
    makeFolder(path.dirname(file));
    await writeFileAtomic(file, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  } catch (error) {
    throw new SoftmachineError(`can't write ${file}: ${reasonOf(error)}`);
  }
}

/** Reads and checks a safetensors file. */
export async function readSafetensors(file: string): Promise<SafetensorsFile> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(file);
  } catch (error) {
    throw new SoftmachineError(`can't read ${file}: ${reasonOf(error)}`);
  }
  return decodeSafetensors(bytes, file);
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "it does not exist",
  EISDIR: "it is a folder",
  EACCES: "permission denied",
  EROFS: "the file system is read-only",
  ENOSPC: "the disk is full",
};

function reasonOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return REASONS[code] ?? messageOf(error);
}

function dtypeOf(data: TensorArray): Dtype {
  if (data instanceof Float32Array) return "F32";
  if (data instanceof Float64Array) return "F64";
  if (data instanceof Int32Array) return "I32";
  return data instanceof Uint16Array ? "U16" : "U8";
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isDtype(value: unknown): value is Dtype {
  return typeof value === "string" && Object.hasOwn(DTYPES, value);
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((side) => Number.isSafeInteger(side) && side >= 0);
}

function parseHeader(bytes: Uint8Array, damaged: (what: string) => SoftmachineError): Record<string, unknown> {
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw damaged("its header is not JSON");
  }
  if (!isRecord(header)) throw damaged("its header is not a JSON object");
  return header;
}

function checkEntry(name: string, entry: unknown, damaged: (what: string) => SoftmachineError) {
  if (!isRecord(entry)) throw damaged(`the entry of tensor "${name}" is not an object`);
  const { dtype, shape, data_offsets: offsets } = entry;
  if (!isDtype(dtype)) {
    throw damaged(
      `tensor "${name}" has dtype ${JSON.stringify(dtype) ?? "none"}; known: ${Object.keys(DTYPES).join(", ")}`,
    );
  }
  if (!isSizes(shape)) throw damaged(`tensor "${name}" has no valid shape`);
  if (!isSizes(offsets) || offsets.length !== 2 || offsets[0] > offsets[1]) {
    throw damaged(`tensor "${name}" has no valid data_offsets`);
  }
  const [from, to] = offsets;
  const size = shape.reduce((product, side) => product * side, 1) * DTYPES[dtype].bytes;
  if (size !== to - from) {
    throw damaged(`tensor "${name}" of shape [${shape.join(", ")}] needs ${size} bytes and has ${to - from}`);
  }
  return { dtype, shape, from, to };
}
