import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL(".", import.meta.url));

/** What each example must print, run as a user runs it: `softmachine` is the built package. */
const shown: Readonly<Record<string, (text: string) => void>> = {
  "unknown-parameters.mjs": (text) => {
    const values = [...text.matchAll(/^(\w+) = (\S+) ± (\S+) \(true: (\S+)\)$/gm)];
    expect(values.map(([, name]) => name)).toEqual(["A", "c", "omega"]);
    for (const [, , value, error, truth] of values) {
      expect(Math.abs(Number(value) / Number(truth) - 1)).toBeLessThan(0.02);
      expect(Number(error)).toBeLessThan(0.05 * Number(truth));
    }
    expect(text).not.toContain("warning");
  },
  "learned-correction.mjs": (text) => {
    const [before, after] = [...text.matchAll(/mean squared error (\S+)/g)].map((match) => Number(match[1]));
    expect(after).toBeLessThan(before / 50);
    for (const [, learned, truth] of text.matchAll(/learned (\S+), true (\S+)/g))
      expect(Math.abs(Number(learned) - Number(truth))).toBeLessThan(0.1);
  },
  "pipeline.mjs": (text) => {
    expect(Number(/off by (\S+)/.exec(text)?.[1])).toBeLessThan(1e-9);
    expect(text).toContain("alpha = 1.900e-5");
    expect(text).toMatch(/dθ\/dα = -?\d+\.\d/);
  },
  "predator-prey.mjs": (text) => {
    const squares = [...text.matchAll(/sum of squares (\S+)/g)].map((match) => Number(match[1]));
    expect(squares[0]).toBeGreaterThan(0.1);
    expect(squares.at(-1)).toBeLessThan(1e-9);
    expect(text).toContain("hunt = 0.400000, death = 0.400000");
    expect(text).toMatch(/means -?\d+\.\d{4} lynxes/);
  },
};

test("each example is here", () => {
  const files = readdirSync(new URL("examples/", import.meta.url)).filter((name) => name.endsWith(".mjs"));
  expect(files.sort()).toEqual(Object.keys(shown).sort());
});

test.each(Object.entries(shown))("%s", async (name, check) => {
  const { stdout } = await promisify(execFile)(process.execPath, [`examples/${name}`], { cwd: root });
  check(stdout);
});
