import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { crc32c, framed, maskedChecksum } from "./event-file.js";
import { TrainingLog } from "./training-log.js";

const bytes = (values: Iterable<number>) => Uint8Array.from(values);

/** The contents of a file of records, whose checksums must be right. */
function recordsOf(file: Uint8Array): Uint8Array[] {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const contents: Uint8Array[] = [];
  for (let at = 0; at < file.length; ) {
    const length = Number(view.getBigUint64(at, true));
    expect(view.getUint32(at + 8, true)).toBe(maskedChecksum(file.subarray(at, at + 8)));
    const content = file.subarray(at + 12, at + 12 + length);
    expect(view.getUint32(at + 12 + length, true)).toBe(maskedChecksum(content));
    contents.push(content);
    at += length + 16;
  }
  return contents;
}

/** The fields of a message by number; of a repeated one, all. */
function fieldsOf(message: Uint8Array): Map<number, (number | Uint8Array)[]> {
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
  const fields = new Map<number, (number | Uint8Array)[]>();
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let shift = 1; ; shift *= 128) {
      const byte = message[at++];
      value += (byte & 0x7f) * shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < message.length) {
    const key = varint();
    const take = (length: number) => {
      at += length;
      return at - length;
    };
    const read: Readonly<Record<number, () => number | Uint8Array>> = {
      0: varint,
      1: () => view.getFloat64(take(8), true),
      2: () => {
        const length = varint();
        return message.subarray(take(length), at);
      },
      5: () => view.getFloat32(take(4), true),
    };
    fields.set(key >> 3, [...(fields.get(key >> 3) ?? []), read[key & 7]()]);
  }
  return fields;
}

/** The scalars of an event file: tag, step and value of each, in order; a start of a run as the tag "start". */
async function eventsOf(file: string): Promise<[string, number, number][]> {
  const found: [string, number, number][] = [];
  for (const record of recordsOf(await readFile(file))) {
    const event = fieldsOf(record);
    const step = Number(event.get(2)?.[0]);
    if (event.has(7)) found.push(["start", step, 0]);
    for (const summary of event.get(5) ?? []) {
      for (const value of fieldsOf(summary as Uint8Array).get(1) ?? []) {
        const fields = fieldsOf(value as Uint8Array);
        const tag = new TextDecoder().decode(fields.get(1)?.[0] as Uint8Array);
        found.push([tag, step, Number(fields.get(2)?.[0])]);
      }
    }
  }
  return found;
}

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "softmachine-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const figures = { loss: 0.5, learningRate: 0.25, gradientNorm: 2, oneOperandShare: 0.75, seconds: 0.125 };
const eventFiles = async (log: string) => (await readdir(log)).filter((name) => name.includes("tfevents")).sort();
const steps = async (log: string) =>
  (await readFile(path.join(log, "metrics.jsonl"), "utf8"))
    .trim()
    .split("\n")
    .map((line) => (JSON.parse(line) as { step: number }).step);

describe("records", () => {
  it.each([
    ["32 bytes of 0", new Uint8Array(32), 0x8a9136aa],
    ["32 bytes of 255", new Uint8Array(32).fill(255), 0x62a8ab43],
    ["0 to 31", bytes(new Uint8Array(32).keys()), 0x46dd794e],
    ["31 to 0", bytes(new Uint8Array(32).keys()).reverse(), 0x113fdb5c],
    ["digits", new TextEncoder().encode("123456789"), 0xe3069283],
    ["nothing", new Uint8Array(0), 0],
  ])("have the checksums of RFC 3720: %s", (_, content, checksum) => {
    expect(crc32c(content)).toBe(checksum);
  });

  it("are read back whatever they hold", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 5 }), (contents) => {
        const file = Buffer.concat(contents.map(framed));
        expect(recordsOf(bytes(file))).toEqual(contents);
      }),
    );
  });
});

describe("a training log", () => {
  it("holds each step and each measurement, as JSON lines and as events", async () => {
    const log = path.join(folder, "both", "log");
    const writing = new TrainingLog(log, 0);
    writing.step(1, figures);
    writing.step(2, { ...figures, loss: 300 });
    writing.measurement({ step: 2, operands: 0.5, templates: 1 });
    const lines = (await readFile(path.join(log, "metrics.jsonl"), "utf8")).trim().split("\n");
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      { kind: "step", step: 1, time: expect.any(Number), ...figures },
      { kind: "step", step: 2, time: expect.any(Number), ...figures, loss: 300 },
      { kind: "measurement", step: 2, time: expect.any(Number), operands: 0.5, templates: 1 },
    ]);
    const [file] = await eventFiles(log);
    const ofStep = (step: number, loss: number) => [
      ["loss", step, loss],
      ["learning-rate", step, 0.25],
      ["gradient-norm", step, 2],
      ["one-operand-share", step, 0.75],
      ["seconds-a-step", step, 0.125],
    ];
    expect(await eventsOf(path.join(log, file))).toEqual([
      ["start", 1, 0],
      ...ofStep(1, 0.5),
      ...ofStep(2, 300),
      ["held-out/operands", 2, 0.5],
      ["held-out/templates", 2, 1],
    ]);
  });

  it("goes on from a checkpoint's step: no step is there twice, not even after a crash in the middle of a line", async () => {
    const log = path.join(folder, "resumed");
    const first = new TrainingLog(log, 0);
    for (let step = 1; step <= 5; step++) first.step(step, figures);
    const file = path.join(log, "metrics.jsonl");
    await writeFile(file, `${await readFile(file, "utf8")}{"kind":"step","st`);
    const second = new TrainingLog(log, 3);
    for (let step = 4; step <= 6; step++) second.step(step, figures);
    expect(await steps(log)).toEqual([1, 2, 3, 4, 5, 6]);
    const files = await eventFiles(log);
    expect(files).toHaveLength(2);
    expect((await eventsOf(path.join(log, files[1]))).filter(([tag]) => tag === "start" || tag === "loss")).toEqual([
      ["start", 4, 0],
      ["loss", 4, 0.5],
      ["loss", 5, 0.5],
      ["loss", 6, 0.5],
    ]);
    new TrainingLog(log, 0).step(1, figures);
    expect(await steps(log)).toEqual([1]);
    expect(await eventFiles(log)).toHaveLength(1);
  });

  it("leaves files that are something else alone", async () => {
    const log = path.join(folder, "other");
    new TrainingLog(log, 0);
    for (const text of ['{"kind":"step","step":1}\nmine\n', "mine"]) {
      await writeFile(path.join(log, "metrics.jsonl"), text);
      expect(() => new TrainingLog(log, 1)).toThrow(/metrics\.jsonl" is no training log: see its line \d/);
      expect(await readFile(path.join(log, "metrics.jsonl"), "utf8")).toBe(text);
    }
    await writeFile(path.join(folder, "file"), "");
    expect(() => new TrainingLog(path.join(folder, "file"), 0)).toThrow(/a log can't be written to ".*file"/);
  });
});
