import { cp, mkdtemp, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { runExact } from "../machine/index.js";
import { messageOf, SoftmachineError } from "../scheme/index.js";
import { decodeSafetensors } from "../tensor/index.js";
import { buildLibrary } from "./build.js";
import { differences } from "./difference.js";
import type { Library } from "./library.js";
import { certificateOf, type Manifest, manifestSchema, sealed, sha256 } from "./manifest.js";
import { loadPackage, writePackage } from "./package.js";
import { programText, smallPrograms } from "./testing.js";

const weightsName = ({ manifest }: Library) => manifest.weights?.file ?? "no weights";
const { library } = await buildLibrary({ programs: smallPrograms, n: 16 });
const root = await mkdtemp(path.join(tmpdir(), "softmachine-package-"));
afterAll(() => rm(root, { recursive: true }));

let count = 0;
let folder = "";
beforeEach(async () => {
  folder = path.join(root, `package-${count++}`);
  await writePackage(folder, library);
});

const inFolder = (file: string) => path.join(folder, file);
const manifestPath = () => inFolder("manifest.json");
const weightsPath = () => inFolder(weightsName(library));
const readManifest = async (): Promise<Manifest> =>
  manifestSchema.parse(JSON.parse(await readFile(manifestPath(), "utf8")));
const writeManifest = (manifest: unknown) => writeFile(manifestPath(), JSON.stringify(manifest));

describe("a package", () => {
  test("is a manifest and the weights that it names", async () => {
    expect((await readdir(folder)).sort()).toEqual(["manifest.json", weightsName(library)]);
    expect(weightsName(library)).toMatch(/^weights-[0-9a-f]{16}\.safetensors$/);
  });

  test("loads as the library that was written", async () => {
    const loaded = await loadPackage(folder);
    expect(loaded.hash).toBe(library.hash);
    expect(loaded.n).toBe(16);
    expect(loaded.programs).toEqual(library.programs);
    expect(loaded.image).toEqual(library.image);
    expect(runExact(loaded.image, "larger", [3, 9]).result).toBe(9);
    expect(loaded.table("next").values[15]).toBe(0);
  });

  test("may hold more labels than n: each program then has its own", async () => {
    const programs = Array.from({ length: 8 }, (_, i) =>
      programText(
        `f${i}`,
        ["a"],
        `(f${i} 1) => ${i > 1 ? 1 + (i % 5) : 1}`,
        `(define (f${i} a) (if (< a ${i}) (+ a ${i % 5}) (if a 1 5)))`,
      ),
    );
    const many = (await buildLibrary({ programs, n: 8 })).library;
    await writePackage(folder, many);
    const loaded = await loadPackage(folder);
    const { image, hash } = loaded;
    expect(hash).toBe(many.hash);
    const { tensors } = decodeSafetensors(new Uint8Array(await readFile(inFolder(weightsName(loaded)))));
    const tables = [...image.entries.values()].map((entry) => entry.labels);
    expect(tensors.get("labels")?.shape).toEqual([tables.length, 8]);
    expect([...(tensors.get("labels")?.data ?? [])]).toEqual(tables.flatMap((table) => [...table]));
    expect(() => image.labels).toThrow("take the image of one program");
  });

  test("states each program: text, examples, assembly, what was verified", async () => {
    const [larger] = (await readManifest()).programs;
    expect(larger.name).toBe("larger");
    expect(larger.operands).toEqual([
      { name: "a", type: "0..", documentation: "a number" },
      { name: "b", type: "0..", documentation: "a number" },
    ]);
    expect(larger.examples).toEqual([{ text: "(larger 3 5) => 5", arguments: [3, 5], result: 5 }]);
    expect(larger.text).toBe(smallPrograms[0].text);
    expect(larger.sourceHash).toBe(sha256(larger.text));
    if (larger.kind !== "machine") throw new Error("larger is of whole numbers");
    expect(larger.assembly).toContain(".program larger");
    expect(larger.verification.exact).toEqual({ n: 16, inputs: 256, exhaustive: true });
  });

  test("holds weights that other tools can read: one distribution for each field of each line", async () => {
    const { tensors } = decodeSafetensors(new Uint8Array(await readFile(weightsPath())));
    const { lines, registers, n, instructions, labels } = library.image;
    expect(tensors.get("k")?.shape).toEqual([lines, n]);
    expect(tensors.get("out")?.shape).toEqual([lines, registers]);
    expect([...(tensors.get("labels")?.data ?? [])]).toEqual([...labels]);
    const op = tensors.get("op");
    const width = op?.shape[1] ?? 0;
    const rows = Array.from({ length: lines }, (_, line) => [
      ...(op?.data.slice(line * width, (line + 1) * width) ?? []),
    ]);
    expect(rows.map((row) => row.indexOf(1))).toEqual([...instructions.op]);
    for (const row of rows) expect(row.reduce((sum, p) => sum + p, 0)).toBe(1);
  });

  test("is the same to the byte when built, or loaded and written, again", async () => {
    const again = path.join(root, "again");
    const rewritten = path.join(root, "rewritten");
    await writePackage(again, (await buildLibrary({ programs: smallPrograms, n: 16 })).library);
    await writePackage(rewritten, await loadPackage(folder));
    for (const other of [again, rewritten])
      for (const file of await readdir(folder))
        expect(sha256(await readFile(path.join(other, file)))).toBe(sha256(await readFile(inFolder(file))));
  });

  test("has another hash when a program, or n, is another", async () => {
    const [first] = smallPrograms;
    const changed = { ...first, text: `${first.text}; changed\n` };
    const builds = await Promise.all([
      buildLibrary({ programs: [changed, smallPrograms[1]], n: 16 }),
      buildLibrary({ programs: smallPrograms, n: 17 }),
    ]);
    const hashes = [library.hash, ...builds.map((build) => build.library.hash)];
    expect(new Set(hashes).size).toBe(3);
  });

  test("replaces an earlier one, and leaves other files alone", async () => {
    await writeFile(inFolder("notes.txt"), "mine");
    const { library: other } = await buildLibrary({ programs: smallPrograms, n: 20 });
    await writePackage(folder, other);
    expect((await loadPackage(folder)).hash).toBe(other.hash);
    expect((await readdir(folder)).sort()).toEqual(["manifest.json", "notes.txt", weightsName(other)]);
  });

  test("stays whole when the writing of another stopped half-way", async () => {
    const { library: other } = await buildLibrary({ programs: smallPrograms, n: 20 });
    const elsewhere = path.join(root, "elsewhere");
    await writePackage(elsewhere, other);
    // All that is written before the manifest takes its place.
    await cp(path.join(elsewhere, weightsName(other)), inFolder(weightsName(other)));
    expect((await loadPackage(folder)).hash).toBe(library.hash);
  });

  test("can't be written where a file is", async () => {
    await expect(writePackage(manifestPath(), library)).rejects.toThrow(
      /^can't write the library package .*manifest\.json: it is not a folder$/,
    );
  });
});

type MachineProgram = Extract<Manifest["programs"][number], { kind: "machine" }>;
const changed = ({ programs }: Pick<Manifest, "programs">, change: (program: MachineProgram) => MachineProgram) =>
  programs.map((each) => {
    if (each.kind !== "machine") return each;
    const other = change(each);
    return { ...other, certificate: certificateOf(other) };
  });

test("a package of real numbers alone has no weights", async () => {
  const half = programText("half", ["a (real)"], "(half 3) => 1.5", "(define (half a) (/ a 2))", "(real)");
  const { library: real } = await buildLibrary({ programs: [half], n: 16 });
  await rm(folder, { recursive: true });
  await writePackage(folder, real);
  expect(await readdir(folder)).toEqual(["manifest.json"]);
  const loaded = await loadPackage(folder);
  expect(loaded.programs).toEqual(real.programs);
  expect(loaded.callable).toEqual([]);
  expect(() => loaded.image).toThrow("no program of this library is for the machine");
  expect(() => loaded.table("half")).toThrow('"half" is a program of real numbers: it has no table of answers');
});

test("a library built from a known one is the same as one built anew", async () => {
  const twice = programText("twice", ["a"], "(twice 3) => 6", "(define (twice a) (+ a a))");
  const programs = [...smallPrograms, twice];
  const anew = await buildLibrary({ programs, n: 16 });
  const enlarged = await buildLibrary({ programs, n: 16, known: library });
  expect(enlarged.library.hash).toBe(anew.library.hash);
  expect(differences(library, anew.library)).toEqual([{ name: "twice", change: "added" }]);
  const wrong = { ...twice, text: twice.text.replace("(+ a a)", "(- a (- 0 a))") };
  const changed = await buildLibrary({ programs: [smallPrograms[0], wrong], n: 16, known: anew.library });
  expect(differences(anew.library, changed.library)).toEqual([
    { name: "next", change: "removed" },
    { name: "twice", change: "changed", parts: ["text", "assembly", "verification"] },
  ]);
});

test("a byte changed anywhere is refused, or makes no difference", async () => {
  const flipped = async (file: string, at: number) => {
    const whole = await readFile(file);
    const bytes = Buffer.from(whole);
    bytes[at % bytes.length] ^= 1 << (at % 8);
    await writeFile(file, bytes);
    const outcome = await loadPackage(folder).then(
      ({ hash }) => hash,
      (error: unknown) => error,
    );
    await writeFile(file, whole);
    return outcome;
  };
  for (let at = 0; at < 60; at++) {
    const manifest = await flipped(manifestPath(), at * 1009 + at);
    // A space that became another is none of the content.
    if (manifest !== library.hash) expect(manifest).toBeInstanceOf(SoftmachineError);
    const weights = await flipped(weightsPath(), at * 1009 + at);
    expect(weights).toBeInstanceOf(SoftmachineError);
    expect(messageOf(weights)).toContain("is damaged");
  }
});

describe("refused", () => {
  const damage: [string, () => Promise<unknown>, RegExp][] = [
    ["no folder", () => rm(folder, { recursive: true }), /can't read .*manifest\.json: it does not exist/],
    [
      "no manifest",
      () => rm(manifestPath()),
      /there is no whole library package in .*manifest\.json: it does not exist/,
    ],
    ["no weights", () => rm(weightsPath()), /can't read .*weights-[0-9a-f]+\.safetensors: it does not exist/],
    ["an empty manifest", () => truncate(manifestPath(), 0), /manifest\.json is damaged: it is not JSON/],
    ["a manifest cut short", () => truncate(manifestPath(), 500), /manifest\.json is damaged: it is not JSON/],
    ["another kind of JSON", () => writeManifest([1]), /is not the manifest of a softmachine library/],
    ["another format", () => writeManifest({ format: "other" }), /is not the manifest of a softmachine library/],
    [
      "another version",
      async () => writeManifest({ ...(await readManifest()), version: 1 }),
      /has format version 1; this softmachine reads version 2/,
    ],
    [
      "no version",
      () => writeManifest({ format: "softmachine-library" }),
      /has format version none; this softmachine reads version 2/,
    ],
    [
      "a value of another type",
      async () => writeManifest({ ...(await readManifest()), n: "16" }),
      /manifest\.json is damaged: n: .*expected number/,
    ],
    [
      "an unknown key",
      async () => writeManifest({ ...(await readManifest()), extra: 1 }),
      /manifest\.json is damaged: .*"extra"/,
    ],
    [
      "a fault deep within",
      async () => {
        const manifest = await readManifest();
        const [first, ...others] = manifest.programs;
        await writeManifest({ ...manifest, programs: [...others, { ...first, entry: -1 }] });
      },
      /manifest\.json is damaged: programs\.1\.entry: /,
    ],
    [
      "weights outside the folder",
      async () => writeManifest({ ...(await readManifest()), weights: { file: "../../secret", hash: "0".repeat(64) } }),
      /manifest\.json is damaged: weights\.file: /,
    ],
    [
      "a changed word of the manifest",
      async () => {
        const text = await readFile(manifestPath(), "utf8");
        await writeFile(manifestPath(), text.replace("larger, for a test", "smaller, for a test"));
      },
      /manifest\.json is damaged: its content does not match its hash/,
    ],
    [
      "a changed bit of the weights",
      async () => {
        const bytes = await readFile(weightsPath());
        bytes[bytes.length - 1] ^= 1;
        await writeFile(weightsPath(), bytes);
      },
      /weights-[0-9a-f]+\.safetensors is damaged: its content does not match its hash/,
    ],
    ["weights cut short", () => truncate(weightsPath(), 100), /\.safetensors is damaged: its content does not match/],
    [
      "assembly of another machine",
      async () => {
        const { hash: _, ...content } = await readManifest();
        const programs = changed(content, (each) => ({ ...each, assembly: each.assembly.replace("halt", "stop") }));
        await writeManifest(sealed({ ...content, programs }));
      },
      /manifest\.json is not of this softmachine: larger\.asm:\d+:\d+: no instruction "stop"/,
    ],
    [
      "weights of other assembly",
      async () => {
        const { hash: _, ...content } = await readManifest();
        const programs = changed(content, (each) => ({ ...each, assembly: each.assembly.replace("inc ", "dec ") }));
        await writeManifest(sealed({ ...content, programs }));
      },
      /\.safetensors is not what this softmachine makes of the programs' assembly/,
    ],
    [
      "an entry elsewhere",
      async () => {
        const { hash: _, ...content } = await readManifest();
        const programs = changed(content, (each) => ({ ...each, entry: each.entry + 1 }));
        await writeManifest(sealed({ ...content, programs }));
      },
      /manifest\.json is not of this softmachine: what it states of "larger" is not so/,
    ],
    [
      "counts that the certificate is not of",
      async () => {
        const { hash: _, ...content } = await readManifest();
        const programs = content.programs.map((each) =>
          each.kind === "machine" ? { ...each, verification: { ...each.verification, examples: 9 } } : each,
        );
        await writeManifest(sealed({ ...content, programs }));
      },
      /manifest\.json is not of this softmachine: what it states of "larger" is not so/,
    ],
    [
      "operands that the assembly does not have",
      async () => {
        const { hash: _, ...content } = await readManifest();
        const programs = content.programs.map((each) => ({ ...each, operands: each.operands.slice(1) }));
        await writeManifest(sealed({ ...content, programs }));
      },
      /manifest\.json is not of this softmachine: what it states of "larger" is not so/,
    ],
    [
      "a hash of other content",
      async () => {
        const manifest = await readManifest();
        await writeManifest({ ...manifest, hash: manifest.hash.replace(/^./, (digit) => (digit === "0" ? "1" : "0")) });
      },
      /manifest\.json is damaged: its content does not match its hash/,
    ],
    [
      "a callee that is not there",
      async () => {
        const { hash: _, ...content } = await readManifest();
        const [first, ...others] = content.programs;
        await writeManifest(sealed({ ...content, programs: [{ ...first, calls: ["lost"] }, ...others] }));
      },
      /manifest\.json is not of this softmachine: "larger" calls "lost", which is not there/,
    ],
    [
      "another text than its hash is of",
      async () => {
        const { hash: _, ...content } = await readManifest();
        const programs = content.programs.map((each) => ({ ...each, text: `${each.text};` }));
        await writeManifest(sealed({ ...content, programs }));
      },
      /manifest\.json is not of this softmachine: what it states of "larger" is not so/,
    ],
  ];

  test.each(damage)("%s", async (_, change, message) => {
    await change();
    const error: unknown = await loadPackage(folder).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(SoftmachineError);
    expect(messageOf(error)).toMatch(message);
    expect(messageOf(error)).toContain('"softmachine library build"');
    expect(messageOf(error)).toContain(folder);
  });

  test("keys in another order are no damage", async () => {
    const manifest = await readManifest();
    const programs = manifest.programs.map((each) => Object.fromEntries(Object.entries(each).reverse()));
    await writeManifest(Object.fromEntries(Object.entries({ ...manifest, programs }).reverse()));
    expect((await loadPackage(folder)).hash).toBe(library.hash);
  });
});

test("programs without a source of their algorithm, without operands and with decimals are kept", async () => {
  const { library: odd } = await buildLibrary({
    programs: [programText("seven", [], "(seven) => 7", "(define (seven) 7)")],
  });
  await writePackage(folder, odd);
  const [seven] = (await loadPackage(folder)).programs;
  expect(seven).toEqual(odd.programs[0]);
  expect("origin" in seven).toBe(false);
});
