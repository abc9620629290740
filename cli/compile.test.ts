import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { emitForms } from "../direct/index.js";
import { json, output, softmachine, temporaryFolder } from "./testing.js";

const folder = temporaryFolder({ "square.scm": "(define (square-sum a b) (let ((s (+ a b))) (* s s)))" });
const program = ["square.scm", "--entry", "square-sum"];

describe("compile", () => {
  it.each([...emitForms, "asm"])("prints the form %s", async (form) => {
    const text = await output(["compile", ...program, "--emit", form], { cwd: folder });
    expect(text).toMatch(/[*]|mul/);
    const value = await json(["compile", ...program, "--emit", form, "--json"], { cwd: folder });
    expect(value).toMatchObject({ form, inputs: ["a", "b"] });
    expect(text.trim()).toBe(String(value.text).trim());
  });

  it("writes a file, whole, and leaves nothing beside it", async () => {
    const { code, stdout, stderr } = await softmachine(
      ["compile", ...program, "--emit", "asm", "-o", "new/square.asm"],
      {
        cwd: folder,
      },
    );
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: "", stderr: "wrote new/square.asm\n" });
    expect(readFileSync(path.join(folder, "new", "square.asm"), "utf8")).toContain("mul");
    expect(readdirSync(path.join(folder, "new"))).toEqual(["square.asm"]);
  });

  it.each([
    ["onnx", "Mul"],
    ["wasm", "env"],
  ])("writes the form %s, which is bytes, to a file, and to a pipe the same", async (form, part) => {
    const words = ["compile", ...program, "--grad", "--emit", form];
    const { code, stdout, stderr } = await softmachine([...words, "-o", `square.${form}`], { cwd: folder });
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: "", stderr: `wrote square.${form}\n` });
    const bytes = readFileSync(path.join(folder, `square.${form}`));
    expect(bytes.includes(part)).toBe(true);
    expect(await output(words, { cwd: folder })).toBe(bytes.toString("utf8"));
    expect(await softmachine([...words, "--json"], { cwd: folder })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("--json"),
    });
  });

  it("takes shapes and parameters, and adds the gradient", async () => {
    const text = await output(
      [
        "compile",
        "-e",
        "(* g (dot v (matvec M v)))",
        "--shapes",
        "v=2,M=2x2",
        "--params",
        "g=9.81",
        "--grad",
        "--emit",
        "wat",
      ],
      { cwd: folder },
    );
    const first = "run(vectors, *g, v[0], v[1], M[0][0], M[0][1], M[1][0], M[1][1], value, d/dg, d/dv[0], d/dv[1]";
    expect(text.split("\n")[0]).toContain(first);
    const js = await output(["compile", "-e", "(* g x)", "--params", "g=1/4", "--emit", "js"], { cwd: folder });
    expect(js).toContain('["g", 0.25]');
  });

  it("refuses what can't be", async () => {
    const compile = (...words: string[]) => softmachine(["compile", ...words], { cwd: folder });
    expect(await compile(...program, "-o", ".")).toMatchObject({
      code: 2,
      stderr: 'error: "." is a folder, not a file\n',
    });
    expect(await compile(...program, "-o", "square.scm/x")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("is a file"),
    });
    expect(await compile("-e", "(sin x)", "--emit", "asm")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("exact path"),
    });
    expect(await compile("-e", "1", "--emit", "asm", "--strict")).toMatchObject({ code: 2 });
    expect(await compile("-e", "1", "--emit", "amm")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("one of"),
    });
    const refused: readonly (readonly [words: readonly string[], code: number, message: string])[] = [
      [["-e", "1", "--emit", "asm", "--shapes", "v=3"], 2, "--shapes is for the exact path"],
      [["-e", "x", "--emit", "anf", "--grad"], 2, "has no gradient"],
      [["-e", "(dot v v)", "--emit", "js"], 1, "--shapes v=3"],
      [["-e", "(scale 2 v)", "--shapes", "v=3", "--grad", "--emit", "graph"], 1, "this one's is a vector of 3"],
      [["-e", "(dot v v)", "--shapes", "v=0"], 2, "Shapes are written as v=3"],
      [["-e", "(dot v v)", "--shapes", "w=2", "--emit", "js"], 1, 'the shapes of inputs "v"'],
      [["-e", "(* g x)", "--params", "g"], 2, '"g" is none'],
      [["-e", "(* g x)", "--params", "h=1"], 1, 'unknown input "h"'],
    ];
    for (const [words, code, message] of refused)
      expect(await compile(...words)).toMatchObject({ code, stderr: expect.stringContaining(message) });
    expect(await compile("x=1")).toMatchObject({ code: 2, stderr: expect.stringContaining("takes no inputs") });
  });
});
