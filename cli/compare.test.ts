import { describe, expect, it } from "vitest";
import type { Comparison } from "./comparison.js";
import { json, output, softmachine } from "./testing.js";

describe("compare", () => {
  it("runs every path and finds them equal", async () => {
    const { paths, agreement } = await json<Comparison>(["compare", "-e", "(+ (* a 2) b)", "a=3", "b=4", "--json"]);
    expect(agreement).toBe(true);
    expect(paths.map(({ path }) => path)).toEqual([
      "reference",
      "direct",
      "direct, batch",
      "exact machine",
      "soft machine",
      "tabulated call",
    ]);
    for (const { value, seconds } of paths) {
      expect(value).toBe(10);
      expect(seconds).toBeGreaterThan(0);
    }
    for (const path of ["direct", "direct, batch", "soft machine", "tabulated call"]) {
      expect(paths.find((outcome) => outcome.path === path)?.gradient).toEqual({ a: 2, b: 1 });
    }
  });

  it("compares machines modulo n, and names in one line why a path can't run", async () => {
    const wrapped = await output(["compare", "-e", "(* a b)", "a=5", "b=5", "--n", "16"]);
    expect(wrapped).toMatch(/^direct +25 +yes /m);
    expect(wrapped).toMatch(/^exact machine +9 +yes modulo 16 /m);
    const exactOnly = await output(["compare", "-e", "(sin x)", "x=1"]);
    expect(exactOnly).toMatch(/^soft machine +- .*"sin" has no instruction on the machine.*$/m);
    const large = await output(["compare", "-e", "(+ x 2)", "x=1", "--n", "65536"]);
    expect(large).toMatch(/^exact machine +3 +yes.*$/m);
    expect(large).toMatch(/^soft machine +- .*too large to keep here$/m);
    const outside = await output(["compare", "-e", "(* x 2)", "x=0.5"]);
    expect(outside).toMatch(/^exact machine +- .*got 0\.5$/m);
  });

  it("says how far a grid is off", async () => {
    const words = ["compare", "-e", "(* x (sin x))", "x=1.1", "--fixed-point", "-2:2", "--n", "81"];
    const text = await output(words);
    expect(text).toMatch(/^exact machine +1 .*off by 0\.0197, 0\.393 steps of the grid; \d+ steps of the machine$/m);
    expect(text).toMatch(/^tabulated call +1 .*off by 0\.0197/m);
    const { paths, agreement } = await json<Comparison>([...words, "--json"]);
    expect(agreement).toBe(true);
    expect(paths.find(({ path }) => path === "tabulated call")?.gradient?.x).toBeCloseTo(
      1.1 * Math.cos(1.1) + Math.sin(1.1),
      0,
    );
  });

  it("says when no path can run", async () => {
    expect(await softmachine(["compare", "-e", "(+ a b)", "a=1"])).toMatchObject({
      code: 1,
      stdout: "",
      stderr: 'error: missing input "b"\n',
    });
    expect(await softmachine(["compare", "-e", "a", "a=1", "--n", "1"])).toMatchObject({ code: 2 });
  });
});
