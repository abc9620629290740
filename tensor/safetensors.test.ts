import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SoftmachineError } from "../scheme/index.js";
import { decodeSafetensors, encodeSafetensors, type NamedArray, readSafetensors, writeSafetensors } from "./index.js";

const array = fc.oneof(
  fc.float32Array({ noNaN: true, maxLength: 7 }),
  fc.float64Array({ noNaN: true, maxLength: 7 }),
  fc.int32Array({ maxLength: 7 }),
  fc.uint16Array({ maxLength: 7 }),
  fc.uint8Array({ maxLength: 7 }),
);
const names = fc.string({ minLength: 1, maxLength: 9 }).filter((name) => !["__metadata__", "__proto__"].includes(name));
const tensors = fc
  .uniqueArray(fc.tuple(names, array), { selector: ([name]) => name, maxLength: 6 })
  .map(
    (entries) => new Map(entries.map(([name, data]): [string, NamedArray] => [name, { shape: [data.length], data }])),
  );

/** A file's bytes from a header and data, whatever they say. */
function fileOf(header: unknown, data: number): Uint8Array {
  const json = new TextEncoder().encode(typeof header === "string" ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + json.length + data);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  return bytes;
}

const entry = (from: number, to: number, dtype = "F32") => ({
  dtype,
  shape: [(to - from) / 4],
  data_offsets: [from, to],
});

describe("safetensors", () => {
  it("reads what it writes", () => {
    fc.assert(
      fc.property(tensors, fc.dictionary(names, fc.string()), (written, metadata) => {
        const read = decodeSafetensors(encodeSafetensors(written, metadata));
        expect(read.metadata).toEqual({ ...metadata });
        expect(new Map(read.tensors)).toEqual(written);
      }),
    );
  });

  it("gives the same bytes whatever the order, aligned as the format asks", () => {
    fc.assert(
      fc.property(tensors, (written) => {
        const bytes = encodeSafetensors(written);
        expect(encodeSafetensors(new Map([...written].reverse()))).toEqual(bytes);
        expect(Number(new DataView(bytes.buffer).getBigUint64(0, true)) % 8).toBe(0);
      }),
    );
  });

  it("refuses a file cut anywhere", () => {
    const whole = encodeSafetensors({
      a: { shape: [2, 3], data: new Float32Array(6) },
      b: { shape: [], data: new Uint8Array(1) },
    });
    for (let length = 0; length < whole.length; length++) {
      expect(() => decodeSafetensors(whole.subarray(0, length), "x.safetensors")).toThrow(
        /^x\.safetensors is damaged: /,
      );
    }
  });

  it("never fails but with its own error", () => {
    const whole = encodeSafetensors({ a: { shape: [3], data: new Float32Array(3) } }, { key: "value" });
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.nat(255), (at, byte) => {
        const bytes = whole.slice();
        bytes[at] = byte;
        try {
          decodeSafetensors(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(SoftmachineError);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it.each([
    ["a header that is not JSON", fileOf("{nonsense", 0), "header is not JSON"],
    ["a header that is a list", fileOf([], 0), "not a JSON object"],
    ["an unknown dtype", fileOf({ a: entry(0, 4, "F8_X") }, 4), 'dtype "F8_X"; known: F32'],
    ["overlapping tensors", fileOf({ a: entry(0, 8), b: entry(4, 12) }, 12), 'tensor "b" overlaps'],
    ["a hole", fileOf({ a: entry(0, 4), b: entry(8, 12) }, 12), '4 bytes before tensor "b"'],
    ["bytes left over", fileOf({ a: entry(0, 4) }, 9), "5 bytes after the last"],
    [
      "a shape that doesn't fit",
      fileOf({ a: { dtype: "F32", shape: [3], data_offsets: [0, 8] } }, 8),
      "needs 12 bytes and has 8",
    ],
    ["a negative side", fileOf({ a: { dtype: "F32", shape: [-1], data_offsets: [0, 4] } }, 4), "no valid shape"],
    [
      "offsets backwards",
      fileOf({ a: { dtype: "F32", shape: [1], data_offsets: [4, 0] } }, 4),
      "no valid data_offsets",
    ],
    ["metadata that is not text", fileOf({ __metadata__: { a: 1 } }, 0), 'metadata "a" is not a string'],
  ])("says what is wrong with %s", (_, bytes, message) => {
    expect(() => decodeSafetensors(bytes)).toThrow(message);
  });

  it("refuses to write an array that doesn't fit its shape", () => {
    expect(() => encodeSafetensors({ a: { shape: [2, 2], data: new Float32Array(3) } })).toThrow(
      /shape \[2, 2\] but 3 values/,
    );
  });
});

describe("safetensors files", () => {
  let folder = "";
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "softmachine-"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it("writes, reads, and names the file that can't be", async () => {
    const file = path.join(folder, "a.safetensors");
    await writeSafetensors(file, { a: { shape: [1], data: Float64Array.of(Math.PI) } }, { note: "x" });
    expect((await readSafetensors(file)).tensors.get("a")?.data).toEqual(Float64Array.of(Math.PI));
    await writeFile(file, (await readFile(file)).subarray(0, -1));
    await expect(readSafetensors(file)).rejects.toThrow(`${file} is damaged`);
    await expect(readSafetensors(path.join(folder, "none"))).rejects.toThrow(/can't read .*none: it does not exist$/);
    await expect(readSafetensors(folder)).rejects.toThrow(/can't read .*: it is a folder$/);
    await writeSafetensors(path.join(folder, "made", "here", "a"), {});
    expect((await readSafetensors(path.join(folder, "made", "here", "a"))).tensors.size).toBe(0);
    await writeFile(path.join(folder, "file"), "");
    await expect(writeSafetensors(path.join(folder, "file", "a"), {})).rejects.toThrow("can't write");
  });
});
