import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { json, output, softmachine, temporaryFolder } from "./testing.js";

const folder = temporaryFolder();
const programs = {
  "twice.scm":
    ";;; Twice a number.\n;;;\n;;; operand a: a number\n;;; result: a + a\n;;; example: (twice 3) => 6\n\n(define (twice a) (+ a a))\n",
  "total.scm":
    ";;; The sum of two numbers.\n;;;\n;;; operand a: a number\n;;; operand b: a number\n;;; result: a + b\n;;; example: (total 1 2) => 3\n\n(define (total a b) (+ a b))\n",
  "liar.scm":
    ";;; One more.\n;;;\n;;; operand a: a number\n;;; result: a + 1\n;;; example: (liar 1) => 3\n\n(define (liar a) (+ a 1))\n",
};
const write = (name: string, files: readonly (keyof typeof programs)[]) => {
  mkdirSync(path.join(folder, name));
  for (const file of files) writeFileSync(path.join(folder, name, file), programs[file]);
};
const library = (...words: string[]) => softmachine(["library", ...words], { cwd: folder });

beforeAll(async () => {
  write("good", ["twice.scm", "total.scm"]);
  write("mixed", ["twice.scm", "liar.scm"]);
  const built = await library("build", "--programs", "good", "--out", "package", "--n", "8", "--check-n", "16");
  expect(built.stderr).toContain(
    "--check-n 16 is more than --n 8: programs are verified on the library's own values, 0 to 7",
  );
  expect(built.stderr).toContain("wrote package: 2 programs");
  expect(built.code).toBe(0);
});

describe("library", () => {
  it("lists and shows the programs that come with softmachine", async () => {
    const listed = await json<{ name: string; operands: unknown[] }[]>(["library", "list", "--json"], { cwd: folder });
    for (const name of ["add", "subtract", "multiply", "max", "gcd", "power", "fibonacci", "factorial"])
      expect(listed.map((program) => program.name)).toContain(name);
    const shown = await output(["library", "show", "gcd"], { cwd: folder });
    expect(shown).toContain("(define (gcd a b)");
    expect(shown).toContain(".program gcd");
    expect(await json(["library", "show", "gcd", "--json"], { cwd: folder })).toMatchObject({
      name: "gcd",
      source: expect.any(String),
    });
  });

  it("builds a package and verifies it from its own sources", async () => {
    const text = await output(["library", "list", "--library", "package"], { cwd: folder });
    expect(text).toMatch(/^total +a b/m);
    const verified = await library("verify", "--library", "package", "--json");
    const { programs: reports } = JSON.parse(verified.stdout) as { programs: { name: string; ok: boolean }[] };
    expect(reports.map(({ name, ok }) => [name, ok])).toEqual([
      ["total", true],
      ["twice", true],
    ]);
    expect(verified.code).toBe(0);
  });

  it("runs a program of a package on both paths", async () => {
    const ended = await library("run", "total", "--library", "package", "7", "b=3");
    expect(ended).toMatchObject({ code: 0, stdout: "10\n", stderr: "on the machine: 2 in 2 steps (modulo 8)\n" });
    const value = await json(["library", "run", "total", "7", "3", "--library", "package", "--json"], { cwd: folder });
    expect(value).toEqual({
      program: "total",
      operands: { a: 7, b: 3 },
      value: 10,
      machine: { value: 2, steps: 2, n: 8 },
    });
    expect(await library("run", "twice", "--library", "package", "9")).toMatchObject({
      code: 0,
      stdout: "18\n",
      stderr: expect.stringContaining("not on the machine"),
    });
    const refused = { "0.5": "0.5 is not a whole number", "-3": "-3 is outside 0..", "[1,2]": "a number is needed" };
    for (const [operand, message] of Object.entries(refused))
      expect(await library("run", "twice", "--library", "package", operand)).toMatchObject({
        code: 1,
        stdout: "",
        stderr: `error: operand "a" of "twice": ${message}\n`,
      });
  });

  it("adds programs to a package, which may call its own, and tells two packages apart", async () => {
    const quad = programs["twice.scm"].replaceAll("twice", "quad").replace("(+ a a)", "(twice (twice a))");
    writeFileSync(path.join(folder, "quad.scm"), quad.replace("=> 6", "=> 12"));
    const added = await library("add", "quad.scm", "--library", "package", "--out", "enlarged");
    expect(added.stderr).toContain("wrote enlarged: 3 programs");
    expect(added.stdout).not.toContain("total");
    expect(added.code).toBe(0);
    expect(await output(["library", "run", "quad", "3", "--library", "enlarged"], { cwd: folder })).toBe("12\n");
    const built = await library("verify", "--library", "enlarged");
    expect(built.stderr).toContain("built again from its sources, it is the same to the byte");
    expect(await json(["library", "diff", "package", "enlarged", "--json"], { cwd: folder })).toMatchObject({
      identical: false,
      programs: [{ name: "quad", change: "added" }],
    });
    expect((await library("diff", "package", "package")).stdout).toBe("the packages are the same\n");
    expect(await library("add", "quad.scm", "--library", "enlarged")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('has a program "quad" already: --replace'),
    });
    writeFileSync(path.join(folder, "quad.scm"), quad.replace("=> 6", "=> 13"));
    expect(await library("add", "quad.scm", "--library", "enlarged", "--replace")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('nothing was added to enlarged: "quad"'),
    });
    expect(await output(["library", "list", "--library", "enlarged"], { cwd: folder })).toContain("quad");
    expect(await library("add", "package", "--library", "package")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("there is no .scm file in package"),
    });
  });

  it("leaves out a program that lies, says so, and fails", async () => {
    const { code, stdout, stderr } = await library(
      "build",
      "--programs",
      "mixed",
      "--out",
      "partial",
      "--n",
      "8",
      "--json",
    );
    const { programs: reports } = JSON.parse(stdout) as {
      programs: { name: string; ok: boolean; failure?: { stage: string } }[];
    };
    expect(reports.find(({ name }) => name === "liar")).toMatchObject({ ok: false, failure: { stage: "example" } });
    expect(stderr).toMatch(/"liar" is left out: /);
    expect(stderr).toMatch(/error: left out: "liar"\n$/);
    expect(code).toBe(1);
    expect(await output(["library", "list", "--library", "partial"], { cwd: folder })).not.toContain("liar");
  });

  it("says what is wrong", async () => {
    expect(await library("show", "twicce", "--library", "package")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('did you mean "twice"'),
    });
    expect(await library("run", "total", "1", "--library", "package")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('needs "b" too'),
    });
    expect(await library("run", "total", "1", "2", "3", "--library", "package")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("too many"),
    });
    expect(await library("run", "total", "1", "c=2", "--library", "package")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('no operand "c"'),
    });
    expect(await library("run", "total", "1", "two", "--library", "package")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("not a number or an array"),
    });
    expect(await library("list", "--library", "nowhere")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("nowhere"),
    });
    expect(await library("build", "--programs", "nowhere")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("nowhere"),
    });
    expect(await library("build", "--out", "good/twice.scm")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("is a file"),
    });
    expect(await library("bulid")).toMatchObject({ code: 2, stderr: expect.stringContaining("build") });
  });

  it("refuses a damaged package", async () => {
    const damage = async (name: string, change: (folder: string) => void) => {
      const copy = path.join(folder, name);
      cpSync(path.join(folder, "package"), copy, { recursive: true });
      change(copy);
      const { code, stderr, stdout } = await library("verify", "--library", name);
      expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
      expect(stderr).toContain("library build");
      return stderr;
    };
    const edit = (file: string, change: (text: string) => string) =>
      writeFileSync(file, change(readFileSync(file, "utf8")));
    expect(
      await damage("cut", (copy) => edit(path.join(copy, "manifest.json"), (text) => text.slice(0, -20))),
    ).toContain("not JSON");
    expect(
      await damage("edited", (copy) =>
        edit(path.join(copy, "manifest.json"), (text) => text.replace("(+ a a)", "(+ a 1)")),
      ),
    ).toContain("hash");
    const weights = await damage("flipped", (copy) => {
      const file = path.join(copy, readdirSync(copy).find((name) => name.startsWith("weights")) ?? "");
      const bytes = readFileSync(file);
      bytes[bytes.length - 9] ^= 1;
      writeFileSync(file, bytes);
    });
    expect(weights).toContain("damaged");
  });
});
