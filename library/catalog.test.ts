import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { link } from "../assembler/index.js";
import { runExact } from "../machine/index.js";
import { findPrograms, readPrograms } from "./catalog.js";
import { compileProgram } from "./compile-program.js";
import { verifyExamples } from "./verify-exact.js";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "softmachine-catalog-"));
});
afterEach(() => rm(folder, { recursive: true }));

const put = async (file: string, text: string | Uint8Array) => {
  await mkdir(path.dirname(path.join(folder, file)), { recursive: true });
  await writeFile(path.join(folder, file), text);
};

const program = (name: string) =>
  `;;; Itself.\n;;;\n;;; operand a: a number\n;;; result: a\n;;; example: (${name} 1) => 1\n(define (${name} a) a)\n`;

describe("the programs that come along", async () => {
  const programs = await readPrograms();

  test("are those that the library promises", () => {
    const promised = ["add", "factorial", "fibonacci", "gcd", "max", "multiply", "power", "quotient", "subtract"];
    expect(programs.map(({ name }) => name)).toEqual(expect.arrayContaining(promised));
  });

  test.each(programs)("$name says what it costs and where it comes from", ({ complexity, origin }) => {
    expect(complexity).toMatch(/^O\(/);
    expect(origin).toMatch(/./);
  });

  test.each(programs)("the examples of $name hold", (program) => {
    expect(verifyExamples(program, undefined, { steps: 1_000_000 })).toBe(program.examples.length);
  });
});

test("the sum of the numbers to the machine's last one is right modulo n", async () => {
  const program = (await readPrograms()).find(({ name }) => name === "triangle-number");
  if (program === undefined) throw new Error("it comes along");
  const image = link([compileProgram(program, 16)], { n: 16, registers: 16 });
  for (let a = 0; a < 16; a++) expect(runExact(image, program.name, [a]).value).toBe(((a * (a + 1)) / 2) % 16);
});

describe("a folder of one's own", () => {
  test("is searched to its depths, in the order of names", async () => {
    await put("b.scm", program("b"));
    await put("deep/er/a.scm", program("a"));
    await put("deep/notes.txt", "not a program");
    const found = await findPrograms(folder);
    expect(found.map(({ name, subject, file }) => ({ name, subject, file }))).toEqual([
      { name: "a", subject: "deep/er", file: "deep/er/a.scm" },
      { name: "b", subject: "", file: "b.scm" },
    ]);
  });

  test("two files of one name are named", async () => {
    await put("x/same.scm", program("same"));
    await put("y/same.scm", program("same"));
    await expect(findPrograms(folder)).rejects.toThrow('two programs are named "same": x/same.scm and y/same.scm');
  });

  test("a name that the assembler can't print is refused", async () => {
    await put("a b.scm", program("b"));
    await expect(findPrograms(folder)).rejects.toThrow("\"a b\" can't be a program's name");
  });

  test("nothing to read, no folder, a file in its place", async () => {
    await expect(findPrograms(folder)).rejects.toThrow("there is no .scm file in");
    await expect(findPrograms(path.join(folder, "none"))).rejects.toThrow("it does not exist");
    await put("file", "");
    await expect(findPrograms(path.join(folder, "file"))).rejects.toThrow("it is not a folder");
  });

  test("a file that is not text is refused", async () => {
    await put("a.scm", new Uint8Array([0xff, 0xfe, 0x00]));
    await expect(findPrograms(folder)).rejects.toThrow("can't read the program a.scm: it is not UTF-8 text");
  });

  test("a fault in a program says where", async () => {
    await put("a/f.scm", program("g"));
    await expect(readPrograms(folder)).rejects.toThrow(/^a\/f\.scm:1:1: no function "f"/);
  });
});
