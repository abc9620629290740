import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { oneHot, tabulatedCall } from "../machine/index.js";
import { decodeSafetensors, encodeSafetensors } from "../tensor/index.js";
import { buildLibrary } from "./build.js";
import { loadPackage, writePackage } from "./package.js";
import { programText, smallPrograms } from "./testing.js";

const star = programText("a*b?", ["a", "b"], "(a*b? 3 5) => 15", "(define (a*b? a b) (* a b))");
const { library } = await buildLibrary({ programs: [...smallPrograms, star], n: 16 });
const root = await mkdtemp(path.join(tmpdir(), "softmachine-answers-"));
afterAll(() => rm(root, { recursive: true }));

let count = 0;
let folder = "";
let notices: string[] = [];
const load = () => loadPackage(folder, { onNotice: (message) => notices.push(message) });
const answersFile = () => path.join(folder, "answers-larger.safetensors");

beforeEach(async () => {
  folder = path.join(root, `package-${count++}`);
  notices = [];
  await writePackage(folder, library);
  const first = await load();
  tabulatedCall(first.answers("larger"), oneHot([3, 9], 16), 1);
  await first.saveAnswers();
});

describe("answers kept beside the weights", () => {
  test("are those that were asked for, and are known to the next process", async () => {
    expect(await readdir(folder)).toContain("answers-larger.safetensors");
    const next = await load();
    const table = next.answers("larger");
    expect(table.known).toBe(1);
    expect(table.row(3, oneHot([9], 16), 0)[9]).toBe(9);
    expect(table.known).toBe(1);
    expect(next.table("larger").values).toEqual(library.table("larger").values);
    await next.saveAnswers();
    expect((await load()).answers("larger").known).toBe(256);
    expect(notices).toEqual([]);
  });

  test("are in a file of any program's name", async () => {
    const first = await load();
    first.table("a*b?");
    await first.saveAnswers();
    expect(await readdir(folder)).toContain("answers-a%2Ab%3F.safetensors");
    expect((await load()).answers("a*b?").known).toBe(256);
  });

  test("give the same bytes, and are written only when there are more", async () => {
    const before = await readFile(answersFile());
    await rm(answersFile());
    const again = await load();
    again.answers("larger").row(3, oneHot([9], 16), 0);
    await again.saveAnswers();
    expect(await readFile(answersFile())).toEqual(before);
    await rm(answersFile());
    await again.saveAnswers();
    expect(await readdir(folder)).not.toContain("answers-larger.safetensors");
  });

  test("with a byte changed anywhere give a notice or the same answers, never others", async () => {
    const whole = await readFile(answersFile());
    for (let at = 0; at < whole.length; at += 3) {
      const bytes = Buffer.from(whole);
      bytes[at] ^= 1;
      await writeFile(answersFile(), bytes);
      notices = [];
      const table = (await load()).answers("larger");
      if (notices.length > 0) {
        expect(notices).toHaveLength(1);
        expect(notices[0]).toContain(answersFile());
        expect(notices[0]).toMatch(/; the answers of "larger" are found anew$/);
        expect(table.known).toBe(0);
      } else expect([0, 1]).toContain(table.known);
      expect(table.row(3, oneHot([9], 16), 0)[9]).toBe(9);
    }
  });

  test("whose hash is right are looked over all the same", async () => {
    const { tensors, metadata } = decodeSafetensors(await readFile(answersFile()));
    await writeFile(answersFile(), encodeSafetensors(tensors, { ...metadata, program: "next" }));
    expect((await load()).answers("larger").known).toBe(0);
    await writeFile(answersFile(), encodeSafetensors(tensors, { ...metadata, library: "another" }));
    expect((await load()).answers("larger").known).toBe(0);
    expect(notices).toEqual([]);
    await writeFile(answersFile(), encodeSafetensors(tensors, { ...metadata, version: "2" }));
    expect((await load()).answers("larger").known).toBe(0);
    expect(notices).toEqual([
      `${answersFile()} does not hold answers as this softmachine writes them; the answers of "larger" are found anew`,
    ]);
  });

  test("are no error where they can't be written", async () => {
    const next = await load();
    next.table("larger");
    await rm(answersFile());
    await mkdir(answersFile());
    await next.saveAnswers();
    expect(notices).toHaveLength(1);
    expect(notices[0]).toMatch(/^the answers of "larger" are not kept: /);
  });

  test("go with the package that they belong to", async () => {
    await writePackage(folder, library);
    expect(await readdir(folder)).not.toContain("answers-larger.safetensors");
  });
});
