import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { json, output, softmachine, temporaryFolder } from "./testing.js";

const folder = temporaryFolder({
  "gcd.scm": "(define (gcd a b) (if (= b 0) a (gcd b (modulo a b))))",
  "wrong.asm": ".program f\n.operands a\n  addd r0, r0, r0\n  halt\n",
  "endless.asm": ".program f\nagain:\n  const r0, @again\n  ret r0\n",
});
const asm = (...words: string[]) => softmachine(["asm", ...words], { cwd: folder });

describe("asm", () => {
  it("prints assembly that it reads back to the same text", async () => {
    const text = await output(["asm", "gcd.scm", "--entry", "gcd"], { cwd: folder });
    expect(text).toMatch(/^\.program gcd\n\.operands a b\n/);
    expect(await output(["asm", "-"], { input: text })).toBe(text);
  });

  it("writes assembly, and runs the file", async () => {
    expect(await asm("gcd.scm", "--entry", "gcd", "-o", "gcd.asm")).toMatchObject({ code: 0, stdout: "" });
    expect(readFileSync(path.join(folder, "gcd.asm"), "utf8")).toContain("halt");
    const ended = await asm("gcd.asm", "--n", "32", "--run", "a=18", "b=24");
    expect(ended).toMatchObject({ code: 0, stdout: "6\n", stderr: expect.stringMatching(/^\d+ steps with n = 32\n$/) });
    const value = await json(["asm", "gcd.asm", "--n", "32", "--run", "a=18", "b=24", "--json"], { cwd: folder });
    expect(value).toMatchObject({ value: 6, steps: expect.any(Number), registers: expect.any(Array) });
  });

  it("takes vectors and matrices, and gives them", async () => {
    const ref = ["asm", "-e", "(ref v (modulo i 3))"];
    expect(await output([...ref, "--run", "v=[5,7,9]", "i=4"])).toBe("7\n");
    const text = await output([...ref, "--shapes", "v=3"]);
    expect(text).toContain("\n.array v 0 3\n");
    expect(await output(["asm", "-", "--run", "v=[5 7 9]", "i=2"], { input: text })).toBe("9\n");
    const product = ["asm", "-e", "(matmul m m)", "--n", "64", "--run"];
    expect(await output([...product, "m=[[1,2],[3,4]]"])).toBe("[[7 10] [15 22]]\n");
    const shapes = await asm("-", "-e", "(vsum v)", "--run", "v=[1,[2],3]");
    expect(shapes).toMatchObject({ code: 2 });
    expect(await softmachine([...ref, "--run", "v=3", "i=4"])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('"ref": its first argument must be a vector or a matrix, not a number'),
    });
    expect(await softmachine(["asm", "-", "--run", "v=[5,7]", "i=2"], { input: text })).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('input "v" must be a vector of 3, not a vector of 2'),
    });
  });

  it("runs on values of 32 bits", async () => {
    const product = ["-e", "(* a b)", "--n", "4294967296", "--run"];
    expect(await output(["asm", ...product, "a=4294967295", "b=65537"])).toBe("4294901759\n");
  });

  it("puts real numbers on a grid", async () => {
    const half = ["asm", "-e", "(sqrt (* x 0.5))", "--fixed-point", "-2:2", "--n", "65"];
    const text = await output(half);
    expect(text).toContain("\n.grid 65 -2 0.0625\n");
    expect(text).toMatch(/^ {2}grid\.\* +r0, r0, r1/m);
    expect(await output([...half, "--run", "x=2"])).toBe("1\n");
    expect(await output(["asm", "-", "--n", "65", "--run", "x=0.52"], { input: text })).toBe("0.5\n");
    expect(await softmachine(["asm", "-", "--run", "x=2"], { input: text })).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('program "main" is on a grid of 65 values; n = 16'),
    });
    expect(await softmachine([...half, "--run", "x=3"])).toMatchObject({
      code: 1,
      stderr: 'error: input "x" must be from -2 to 2, where the grid ends; got 3\n',
    });
    expect(await asm("-e", "x", "--fixed-point", "2:-2")).toMatchObject({ code: 2 });
  });

  it("says what is wrong and where", async () => {
    expect(await asm("wrong.asm")).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/wrong\.asm:3:3: .*"add"/s),
    });
    expect(await asm("endless.asm", "--run", "--steps", "100")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("100 steps"),
    });
    expect(await asm("gcd.scm", "--entry", "gcd", "--run", "a=3")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('missing input "b"'),
    });
    expect(await asm("gcd.scm", "--entry", "gcd", "a=3", "b=4")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("--run"),
    });
    expect(await asm("wrong.asm", "--entry", "f")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("--entry"),
    });
    expect(await asm("wrong.asm", "--shapes", "v=2")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("--shapes is for Scheme programs"),
    });
    expect(await asm("-e", "(ref v 0)", "--shapes", "v=70000")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("of at most 65536 numbers; not [70000]"),
    });
    const { code, stderr } = await asm("-e", "(+ a b)", "-o", "/proc/none/sum.asm");
    expect(code).not.toBe(0);
    expect(stderr).toContain('"/proc/none/sum.asm" can\'t be written');
    expect(await asm("-e", "(+ a 99)")).toMatchObject({ code: 1, stderr: expect.stringContaining("99") });
    expect(await asm("-e", "a", "--n", "4294967297")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("from 2 to 4,294,967,296"),
    });
    expect(await asm("-e", "(+ a 1)", "--registers", "0")).toMatchObject({ code: 2 });
  });
});
