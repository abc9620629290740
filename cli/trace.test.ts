import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { output, softmachine, temporaryFolder } from "./testing.js";

const max = ["-e", "(if (< a b) b a)"];
const folder = temporaryFolder();

interface Line {
  readonly step: number;
  readonly exact?: {
    readonly line: number;
    readonly next: number;
    readonly registers: number[];
    readonly halted: boolean;
  };
  readonly soft?: {
    readonly counter: number[];
    readonly registers: number[][];
    readonly halted: number;
    readonly lost: string[];
    readonly result?: number[];
  };
}

const lines = async (...words: string[]): Promise<Line[]> =>
  (await output(["trace", ...words, "--json"]))
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Line);

describe("trace", () => {
  it("shows the soft machine doing what the exact one does, from operands that are certain", async () => {
    const steps = await lines(...max, "a=3", "b=5");
    expect(steps.at(-1)?.exact).toMatchObject({ halted: true, registers: [5, 5, 1, expect.any(Number)] });
    for (const { exact, soft } of steps.slice(1)) {
      expect(soft?.counter[exact?.next ?? -1]).toBe(1);
      for (const [r, value] of (exact?.registers ?? []).entries()) expect(soft?.registers[r][value]).toBe(1);
    }
  });

  it("follows both branches at once", async () => {
    const steps = await lines(...max, "a=3:3,9:1", "b=5", "--machine", "soft");
    expect(steps.every(({ exact }) => exact === undefined)).toBe(true);
    expect(steps[0].soft?.registers[0]).toEqual(
      Array.from({ length: 16 }, (_, v) => (v === 3 ? 0.75 : v === 9 ? 0.25 : 0)),
    );
    const result = steps.at(-1)?.soft?.result ?? [];
    expect(result.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 12);
    expect(result[5]).toBeGreaterThan(0.3);
    expect(steps.at(-1)?.soft?.halted).toBeGreaterThanOrEqual(0.999);
    expect(steps.at(-2)?.soft?.halted).toBeLessThan(0.999);
  });

  it("prints tables and writes pictures", async () => {
    const { code, stdout, stderr } = await softmachine(
      ["trace", ...max, "a=3", "b=any", "--memory", "--html", "t.html", "--svg", "t.svg"],
      { cwd: folder },
    );
    expect(code).toBe(0);
    expect(stdout).toMatch(/exact machine, a=3 b=0: result 3 after \d+ steps\n/);
    expect(stdout).toMatch(/step +halted +H\(line\)/);
    expect(stderr).toContain("wrote t.html\nwrote t.svg\n");
    expect(readFileSync(path.join(folder, "t.html"), "utf8")).toMatch(/^<!doctype html>[\s\S]*<svg/);
    expect(readFileSync(path.join(folder, "t.svg"), "utf8")).toMatch(
      /^<svg [\s\S]*>Exact machine, a=3 b=0: result 3 after \d+ steps\.<[\s\S]*>Soft machine: halted with probability 0\.999[\s\S]*Certainty first lost[\s\S]*exact run[\s\S]*>step \d+<[\s\S]*<\/svg>\n$/,
    );
  });

  it("says at which step and where certainty was lost", async () => {
    expect(await output(["trace", ...max, "a=3", "b=5"])).toContain(
      "Certain throughout: the soft state is the exact run's after each step.",
    );
    const uncertain = [...max, "a=3:3,9:1", "b=5"];
    expect(await output(["trace", ...uncertain])).toMatch(
      /\nUncertain from the start: r0 \(a, then result\) \(0\.81 bits\)\.\nCertainty first lost at step \d+, lt .* in line \d+: r\d \(0\.81 bits\)\.\nThe counter first divides at step \d+, jump .*: 0\.81 bits\.\n/,
    );
    const steps = await lines(...uncertain);
    expect(steps[0].soft?.lost).toEqual(["r0 (a, then result)"]);
    const divided = steps.find(({ soft }) => soft?.lost.includes("the counter"));
    expect(divided?.soft?.counter.filter((p) => p > 0)).toEqual(expect.arrayContaining([0.75, 0.25]));
    const before = steps[(divided?.step ?? 0) - 1];
    expect(Math.max(...(before.soft?.counter ?? []))).toBe(1);
  });

  it("writes values as bits, of up to 32 of them", async () => {
    const large = ["a=3000000000", "b=5,7", "--n", "4294967296", "--encoding", "binary"];
    const text = await output(["trace", ...max, ...large]);
    expect(text).toContain("exact machine, a=3000000000 b=5: result 3000000000 after 4 steps");
    expect(text).toContain("Uncertain from the start: r1 (b) (1.00 bits).\nNothing else lost its certainty.");
    expect(text).toContain("result, mixed over halting times: 3000000000 (100.0 %)");
    const steps = await lines(...max, ...large);
    expect(steps[0].soft?.registers[1]).toEqual(Array.from({ length: 32 }, (_, i) => [1, 0.5, 1][i] ?? 0));
    // Half 5 and half 7 is one bit of uncertainty; half 3 and half 4, as bits, is three.
    const either = await output(["trace", ...max, "a=3,4", "b=9", "--encoding", "binary"]);
    expect(either).toContain("Uncertain from the start: r0 (a, then result) (3.00 bits).");
    expect(either).toMatch(/mixed over halting times: 9 \(100\.0 %\)/);
    const softened = await lines("-e", "(+ a b)", "a=3", "b=any", "--encoding", "binary", "--sharpness", "9");
    expect(softened[0].soft?.registers[1].every((p) => p === 0.5)).toBe(true);
    expect(softened[1].soft?.halted).toBeGreaterThan(0);
    const drawn = ["trace", ...max, "a=3", "b=any", "--encoding", "binary", "--svg", "bits.svg"];
    expect((await softmachine(drawn, { cwd: folder })).code).toBe(0);
    expect(readFileSync(path.join(folder, "bits.svg"), "utf8")).toMatch(/^<svg [\s\S]*>bit<[\s\S]*<\/svg>\n$/);
  });

  it("traces the exact machine alone where the soft one can't go", async () => {
    const { code, stdout, stderr } = await softmachine([
      "trace",
      ...max,
      "a=3",
      "b=5",
      "--machine",
      "exact",
      "--n",
      "65536",
    ]);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toContain("exact machine, a=3 b=5: result 5 after 5 steps\n");
  });

  it("takes arrays whole and by their elements, and prints the array that comes out", async () => {
    const twice = ["-e", "(* 2 v)", "--machine", "exact"];
    expect(await output(["trace", ...twice, "v=[5,7,3]"])).toContain("v[0]=5 v[1]=7 v[2]=3: result [10 14 6] after");
    expect(await output(["trace", ...twice, "--shapes", "v=2", "v[0]=1,5:3", "v[1]=2"])).toContain(
      "result [10 4] after",
    );
    const steps = await lines("-e", "(ref v (modulo i 3))", "v=[5,7,9]", "i=0,1", "--machine", "soft");
    const result = steps.at(-1)?.soft?.result ?? [];
    expect([result[5], result[7]]).toEqual([0.5, 0.5]);
    expect(await softmachine(["trace", ...twice, `v=[${"[1]   ".repeat(40)}x]`])).toMatchObject({ code: 2 });
  });

  it("stops where it is told to", async () => {
    const { code, stderr } = await softmachine(["trace", "-e", "(let l ((i a)) (l (+ i 1)))", "a=1", "--steps", "4"]);
    expect(code).toBe(0);
    expect(stderr).toContain("has not halted after 4 steps");
  });

  it.each([
    [["a=3"], 1, /missing operand "b"/],
    [["a=3", "b=16"], 2, /16 is not a whole number from 0 to 15/],
    [["a=3", "b=x"], 2, /an operand is 3, or/],
    [["a=3", "b=1:0"], 2, /weight above 0/],
    [["a=3", "b=1", "--n", "65536"], 2, /too large to keep with n = 65536: try a smaller --n, or --encoding binary/],
    [["a=3", "b=1", "--n", "20", "--encoding", "binary"], 1, /need n to be a power of two/],
    [["a=3", "b=1", "--n", "4294967297"], 2, /whole number from 2 to 4,294,967,296/],
    [["a=3", "b=1", "--n", "8192"], 2, /too large to keep/],
    [["a=3", "b=1", "--steps", "0"], 2, /whole number from 1/],
    [["a=3", "b=1", "--steps", "1000000000"], 2, /is the most with this n/],
    [["a=3", "b=1", "--svg", "/"], 2, /is a folder/],
    [["a=3", "b=1", "--machine", "both-of-them"], 2, /both, exact, soft/],
    [["a=3:1e308,5:1e308", "b=1"], 2, /the weights are too large to add up/],
    [["a=3", "b=1", "--html", "x", "--svg", "./x"], 2, /--html and --svg both write/],
    [["a=3", "b=1", "--machine", "exact", "--sharpness", "2"], 2, /--sharpness is for the soft machine/],
  ] as const)("refuses %j", async (words, code, message) => {
    const ended = await softmachine(["trace", ...max, ...words]);
    expect(ended.stderr).toMatch(message);
    expect(ended.code).toBe(code);
  });
});
