import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { softmachine, temporaryFolder } from "./testing.js";

const folder = temporaryFolder({ file: "" });
/** A folder can't be made there: for nobody, or for whoever has no right to. */
const refused = /^error: "\/proc\/x" can't be written: (no folder can be made in "\/proc"|permission denied)$/m;
/** The demonstration with a training so short that nothing is learned. */
const tiny = ["--batch", "4", "--steps", "2", "--evaluate-sentences", "10", "--test", "28"];
const demo = (...words: string[]) => softmachine(["demo", ...tiny, ...words], { cwd: folder });

describe("demo", () => {
  it("shows everything, writes library, checkpoint and report, and fails below its goal", async () => {
    const { code, stdout, stderr } = await demo();
    const titles = stdout.match(/^== .*$/gm) ?? [];
    expect(titles).toHaveLength(7);
    expect(stdout).toMatch(/^gcd +yes /m);
    expect(stdout).toMatch(/^tabulated call +21 +yes modulo 32/m);
    expect(stdout.match(/^ {2}program /gm)).toHaveLength(3);
    for (const file of ["library/manifest.json", "model.safetensors", "index.html"])
      expect(existsSync(path.join(folder, "report", file))).toBe(true);
    const page = readFileSync(path.join(folder, "report", "index.html"), "utf8");
    for (const part of ["fibonacci", "Training", "What is the greatest common divisor", "Program counter"])
      expect(page).toContain(part);
    expect(stderr).toMatch(/error: held-out accuracy \d+\.\d % is below 99\.0 %/);
    expect(code).toBe(1);
  });

  it("prints JSON, and refuses what can't be", async () => {
    const { code, stdout } = await demo("--json", "--target", "0", "--out", "other");
    const value = JSON.parse(stdout) as {
      answers: unknown[];
      library: { programs: unknown[] };
      comparisons: { agreement: boolean }[];
    };
    expect(value.answers).toHaveLength(3);
    expect(value.comparisons.every(({ agreement }) => agreement)).toBe(true);
    expect(code).toBe(0);
    expect(await demo("--out", "file")).toMatchObject({
      code: 2,
      stdout: "",
      stderr: expect.stringContaining("is a file"),
    });
    if (existsSync("/proc/self"))
      expect(await demo("--out", "/proc/x")).toMatchObject({
        code: 2,
        stdout: "",
        stderr: expect.stringMatching(refused),
      });
    expect(await demo("--target", "x")).toMatchObject({ code: 2, stdout: "" });
  });
});
