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

  it("writes an ONNX model, to a file alone", async () => {
    const model = ["compile", ...program, "--emit", "onnx"];
    await output([...model, "-o", "square.onnx"], { cwd: folder });
    expect(readFileSync(path.join(folder, "square.onnx")).includes("Mul")).toBe(true);
    expect(await softmachine(model, { cwd: folder })).toMatchObject({ code: 2, stderr: expect.stringContaining("-o") });
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
    expect(await compile("x=1")).toMatchObject({ code: 2, stderr: expect.stringContaining("takes no inputs") });
  });
});
