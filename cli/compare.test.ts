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
    expect(text).toMatch(
      /^exact machine +1 +yes on the grid .*off by 0\.0197, 0\.393 steps of the grid; \d+ steps of the machine$/m,
    );
    for (const path of ["soft machine", "tabulated call"])
      expect(text).toMatch(
        new RegExp(`^${path} +1 +yes on the grid .*off by 0\\.0197, 0\\.393 steps of the grid$`, "m"),
      );
    expect(text).toContain("\n\nThe machines' grid: 81 numbers from -2 to 2, 0.05 apart.\n");
    const { paths, agreement, grid } = await json<Comparison>([...words, "--json"]);
    expect(agreement).toBe(true);
    expect(grid).toEqual({ n: 81, lo: -2, step: 0.05 });
    expect(paths.find(({ path }) => path === "tabulated call")?.gradient?.x).toBeCloseTo(
      1.1 * Math.cos(1.1) + Math.sin(1.1),
      0,
    );
  });

  it("takes vectors and matrices", async () => {
    const { paths, agreement } = await json<Comparison>([
      ...["compare", "-e", "(+ (dot v (matvec M v)) (ref v i))", "i=1", "v=[1,2]", "M=[[2,1],[1,3]]"],
      ...["--n", "32", "--json"],
    ]);
    expect(agreement).toBe(true);
    for (const { value } of paths) expect(value).toBe(20);
    const gradients = Object.fromEntries(paths.map(({ path, gradient }) => [path, gradient]));
    for (const path of ["direct", "direct, batch"])
      expect(gradients[path]).toEqual({
        v: [8, 15],
        M: [
          [1, 2],
          [2, 4],
        ],
        i: 0,
      });
    expect(gradients["tabulated call"]?.M).toEqual([
      [1, 2],
      [2, 4],
    ]);
  });

  it("compares values that are arrays, and says what can't take or give them", async () => {
    const text = await output(["compare", "-e", "(matvec M v)", "v=[1,2]", "M=[[1,2],[3,4]]"]);
    expect(text).toMatch(/^direct, batch +\[5 11\] +yes /m);
    expect(text).toMatch(/^soft machine +\[5 11\] +yes modulo 16 /m);
    expect(text).toMatch(/^tabulated call +- .*the result of "main" is an array$/m);
    const grid = await output(["compare", "-e", "(norm v)", "v=[1,1.5]", "--fixed-point", "0:10", "--n", "256"]);
    expect(grid).toMatch(/^soft machine +1\.80392\d* +yes on the grid .*off by 0\.00115, 0\.0292 steps of the grid$/m);
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
