import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { softmachine, temporaryFolder } from "./testing.js";

const folder = temporaryFolder({ file: "" });
const experiment = (...words: string[]) => softmachine(["experiment", "language-model", ...words], { cwd: folder });
const read = (name: string) => readFileSync(path.join(folder, "results", "language-model-quick", name), "utf8");

describe("experiment language-model", () => {
  it("trains every variant of every task in its small form, and writes each result when it is there", async () => {
    const { code, stdout, stderr } = await experiment("--quick", "--seeds", "1", "--out", "results");
    expect(stderr).toContain("written: ");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^digits from scratch +1 +held-out operands +[\d.]+ % +[\d.]+ %/m);
    expect(stdout).toMatch(/^all programs, no library +[\d,]+ +4 +[\d.]+ /m);
    expect(stdout).toMatch(/^2 templates +1 /m);
    const { command, rows } = JSON.parse(read("arithmetic.json")) as { command: string; rows: unknown[] };
    expect(command).toBe("softmachine experiment language-model --task arithmetic --quick --seeds 1");
    expect(rows).toContainEqual(
      expect.objectContaining({ variant: "supervised tool calls", seed: 1, n: 8, steps: 4, examples: 32 }),
    );
    expect(read("arithmetic.svg")).toMatch(/^<svg/);
    // What has been trained is not trained again: more seeds are added to it.
    const words = ["--quick", "--seeds", "2", "--out", "results", "--task", "ablations"];
    expect(await experiment(...words, "--variant", "2 templates")).toMatchObject({ code: 0 });
    const after = JSON.parse(read("ablations.json")) as { rows: { variant: string; seed: number; seconds: number }[] };
    expect(after.rows.map(({ variant, seed }) => `${variant}, ${seed}`)).toEqual([
      "1 template, 1",
      "2 templates, 1",
      "2 templates, 2",
      "5 templates, 1",
      "20 templates, 1",
      "all templates, 1",
    ]);
    const shown = await experiment("--show", "--quick", "--task", "ablations", "--out", "results", "--json");
    expect(JSON.parse(shown.stdout)).toContainEqual(
      expect.objectContaining({ task: "ablations", variant: "2 templates", seeds: 2 }),
    );
  });

  it("refuses what can't be", async () => {
    const wrong = async (...words: string[]) => {
      const { code, stdout, stderr } = await experiment(...words);
      return [code, stdout, stderr];
    };
    expect(await wrong("--seeds", "0")).toEqual([2, "", expect.stringContaining("from 1 to 100")]);
    expect(await wrong("--task", "aritmetic")).toEqual([
      2,
      "",
      expect.stringContaining('no task "aritmetic" (did you mean "arithmetic"?)'),
    ]);
    expect(await wrong("--task", "arithmetic", "--variant", "nothing")).toEqual([
      2,
      "",
      expect.stringMatching(/no variant "nothing".*the variants are .*numerals from scratch/),
    ]);
    expect(await wrong("--out", "file")).toEqual([2, "", expect.stringContaining('"file')]);
    // What is shown are the full trainings, beside which the small ones lie.
    expect(await wrong("--show", "--out", "results")).toEqual([
      1,
      "",
      expect.stringContaining("nothing has been trained"),
    ]);
    expect(await wrong("--show", "--out", "nowhere")).toEqual([
      1,
      "",
      expect.stringContaining("nothing has been trained"),
    ]);
  });
});
