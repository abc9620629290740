import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { softmachine, temporaryFolder } from "./testing.js";

const folder = temporaryFolder({ file: "" });
const experiment = (...words: string[]) => softmachine(["experiment", ...words], { cwd: folder });

describe("experiment", () => {
  it("prints a table, and writes the results with the command that gave them", async () => {
    const { code, stdout } = await experiment("tables-and-circuits", "--quick", "--seeds", "1", "--out", "results");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^table +table +4 +100\.0 %/m);
    expect(stdout).toMatch(/^table +circuit +32 +100\.0 %/m);
    const read = (name: string) => readFileSync(path.join(folder, "results", `tables-and-circuits.${name}`), "utf8");
    const { command, rows } = JSON.parse(read("json")) as { command: string; rows: unknown[] };
    expect(command).toBe("softmachine experiment tables-and-circuits --quick --seeds 1");
    expect(rows).toHaveLength(12);
    expect(read("svg")).toMatch(/^<svg/);
  });

  it("refuses what can't be", async () => {
    expect(await experiment("tables-and-circuits", "--seeds", "0")).toMatchObject({ code: 2, stdout: "" });
    expect(await experiment("tables-and-circuits", "--out", "file")).toMatchObject({ code: 2, stdout: "" });
    expect(await experiment("tables-and-circuit")).toMatchObject({ code: 2, stdout: "" });
  });

  it("adapts programs, and goes on with a run", async () => {
    const words = ["adaptation", "--task", "swap", "--starts", "1", "--iterations", "300", "--out", "adapted"];
    const { code, stdout } = await experiment(...words);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^swap +10\.00 +\d+\.\d\d +\d+\.\d\d +10 to 6 +[01] of 1/m);
    expect(stdout).toMatch(/^\.program swap$/m);
    const file = path.join(folder, "adapted", "adaptation.json");
    const { command, results } = JSON.parse(readFileSync(file, "utf8")) as { command: string; results: unknown };
    expect(command).toBe("softmachine experiment adaptation --task swap --starts 1 --seed 1 --iterations 300");
    expect(results).toMatchObject([{ task: "swap", starts: [{ start: 0 }] }]);
    expect(readFileSync(path.join(folder, "adapted", "adaptation.svg"), "utf8")).toMatch(/^<svg/);
    // A run is not replaced by accident.
    expect(await experiment(...words)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("--force replaces it"),
    });
    expect(await experiment(...words, "--force")).toMatchObject({ code: 0, stdout });
    // A run that has ended has nothing left to do.
    expect(await experiment("adaptation", "--resume", "--out", "adapted")).toMatchObject({ code: 0, stdout });
  });

  it("says what is wrong with a call of adaptation", async () => {
    const wrong = async (...words: string[]) => {
      const { code, stderr } = await experiment("adaptation", ...words);
      return [code, stderr];
    };
    expect(await wrong("--task", "swop")).toEqual([
      2,
      expect.stringContaining('no task "swop" (did you mean "swap"?)'),
    ]);
    expect(await wrong("--resume", "--out", "none")).toEqual([
      1,
      expect.stringMatching(/there is no run none.*resume/),
    ]);
    expect(await wrong("--resume", "--seed", "2")).toEqual([2, expect.stringContaining("leave out --seed")]);
  });
});
