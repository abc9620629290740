import { describe, expect, it } from "vitest";
import { json, output, softmachine, temporaryFolder } from "./testing.js";

const line = "(+ b (* k x))";
const numbers = Array.from({ length: 30 }, (_, i) => [i / 10, 1.5 - 2 * (i / 10) + 0.01 * Math.sin(12.9898 * (i + 1))]);
const rows = (cells: readonly (readonly (number | string)[])[]) => cells.map((row) => row.join(",")).join("\n");
const folder = temporaryFolder({
  "line.scm": line,
  "line.csv": `id,x,y\n${rows(numbers.map(([x, y], i) => [`row ${i}`, x, y]))}\n`,
  "line.jsonl": numbers.map(([x, y]) => JSON.stringify({ x, y })).join("\n"),
  "sigma.csv": `x,y,s\n0,0,1\n1,1,1\n2,50,1e9\n`,
  "swing.csv": `t,x\n${rows(numbers.map(([t]) => [t, 2 * Math.sin(3 * t + 0.5)]))}\n`,
  "nan.csv": "x,y\n1,2\n\n2,nan\n3,1\n",
  "text.csv": "x,y\n1,2\nhot,3\n",
  "short.csv": "x,y\n1,2\n",
});
const fitting = (words: readonly string[], input?: string) =>
  softmachine(["fit", ...words], { cwd: folder, ...(input === undefined ? {} : { input }) });
const lineWords = ["line.scm", "--data", "line.csv", "--target", "y", "--params", "k=1,b=0"];

interface Printed {
  readonly params: Readonly<Record<string, number>>;
  readonly errors: Readonly<Record<string, number>>;
  readonly converged: boolean;
  readonly warnings: readonly string[];
}

describe("fit", () => {
  it("prints parameters with their errors as a table", async () => {
    const { code, stdout, stderr } = await fitting(lineWords);
    expect(code).toBe(0);
    expect(stderr).toBe("");
    const [, k, error] = /^k\s+(-?\d\S*)\s+(\d\S*)$/m.exec(stdout) ?? [];
    expect(Number(k)).toBeCloseTo(-2, 2);
    expect(Number(error)).toBeGreaterThan(0);
    expect(stdout).toMatch(/^b\s+1\.\d+\s/m);
    expect(stdout).toMatch(/^rows\s+30$/m);
    expect(stdout).toMatch(/^converged\s+yes$/m);
  });

  it.each(["levenberg-marquardt", "l-bfgs", "adam"])("prints JSON, fitted with %s, from JSON lines", async (method) => {
    const words = ["fit", "-e", line, "--target", "y", "--params", "b=0, k=1", "--method", method, "--json"];
    const printed = await json<Printed>([...words, "--data", "line.jsonl"], { cwd: folder });
    expect(printed).toMatchObject({ converged: true, warnings: [], method, rows: 30 });
    expect(printed.params.k).toBeCloseTo(-2, 2);
    expect(printed.params.b).toBeCloseTo(1.5, 2);
    expect(Object.keys(printed.errors)).toEqual(["b", "k"]);
  });

  it("takes bounds, starts and a seed", async () => {
    const words = ["fit", "-e", "(* A (sin (+ (* omega t) phi)))", "--data", "swing.csv", "--target", "x", "--json"];
    const options = ["--params", "A=1,omega=1,phi=0", "--bounds", "A=0:,omega=0:10,phi=-2:2", "--starts", "12"];
    for (const seed of ["1", "2"]) {
      const { params } = await json<Printed>([...words, ...options, "--seed", seed], { cwd: folder });
      expect(params).toEqual({ A: expect.closeTo(2), omega: expect.closeTo(3), phi: expect.closeTo(0.5) });
    }
  });

  it("takes constants as name=value, data from standard input, and a column of standard deviations", async () => {
    const words = ["fit", "-e", "(* c k x)", "c=2", "--target", "y", "--params", "k=1", "--sigma", "s", "--json"];
    const printed = await json<Printed>([...words, "--data", "-"], { input: "x,y,s\n0,0,1\n1,1,1\n2,50,1e9\n" });
    expect(printed.params.k).toBeCloseTo(0.5, 6);
    expect(await json([...words, "--data", "sigma.csv"], { cwd: folder })).toEqual(printed);
  });

  it("warns on stderr of parameters that can't be told apart", async () => {
    const words = ["-e", "(+ b (* a k x))", "--data", "line.csv", "--target", "y", "--params", "a=1,k=1,b=0"];
    const { code, stdout, stderr } = await fitting(words);
    expect(code).toBe(0);
    expect(stderr).toMatch(/^warning: "a", "k" are not identifiable separately: .* \(collinear\)$/m);
    expect(stdout).toMatch(/^k\s+\S+\s+unknown$/m);
  });

  it("has examples in its help", async () => {
    const help = await output(["fit", "--help"]);
    expect(help).toContain("softmachine fit law.scm --data measured.csv --target y --params g=1,k=2");
    expect(await output(["--help"])).toContain("fit ");
  });
});

/** Arguments, exit code, and what the message must say. */
const wrong: readonly (readonly [words: readonly string[], code: number, message: RegExp])[] = [
  [["line.scm", "--target", "y", "--params", "k=1,b=0"], 2, /--data/],
  [["line.scm", "--data", "line.csv", "--params", "k=1,b=0"], 2, /--target/],
  [["line.scm", "--data", "line.csv", "--target", "y"], 2, /--params/],
  [[...lineWords.slice(0, -1), "k"], 2, /--params takes values as g=1,k=2; "k" is none/],
  [[...lineWords.slice(0, -1), "k=one,b=0"], 2, /"one" is not a number/],
  [[...lineWords.slice(0, -1), "k=1"], 1, /missing input "b": "?line.csv"? has no such column/],
  [[...lineWords.slice(0, -1), "k=1,b=0,q=1"], 1, /unknown input "q"/],
  [[...lineWords, "--method", "lbfgs"], 2, /must be one of .* \(did you mean "l-bfgs"\?\)/],
  [[...lineWords, "--bounds", "k"], 2, /Bounds are written as g=0:20/],
  [[...lineWords, "--bounds", "k=2:3"], 1, /"k" starts at 1, outside its bounds 2 to 3/],
  [[...lineWords, "--bounds", "z=2:3"], 1, /bounds are given for "z"/],
  [[...lineWords, "--starts", "0"], 2, /whole number from 1/],
  [[...lineWords, "x=1"], 2, /input "x" is given as x=1 and as a column of/],
  [[...lineWords, "k=1"], 2, /input "k" is given as k=1 and as a parameter/],
  [[...lineWords, "kk=1"], 1, /unknown input "kk"/],
  [["line.scm", "--data", "line.csv", "--target", "z", "--params", "k=1,b=0"], 1, /no target column "z"/],
  [["line.scm", "--data", "nan.csv", "--target", "y", "--params", "k=1,b=0"], 1, /row 2 \(line 4\): "y" is \+nan\.0/],
  [["line.scm", "--data", "text.csv", "--target", "y", "--params", "k=1,b=0"], 1, /row 2 \(line 3\): "x" is "hot"/],
  [["line.scm", "--data", "short.csv", "--target", "y", "--params", "k=1,b=0"], 1, /2 parameters .* 1 rows/],
  [["line.scm", "--data", "lime.csv", "--target", "y", "--params", "k=1,b=0"], 1, /no file "lime.csv"/],
  [["-e", "(log (- 0 x))", "--data", "line.csv", "--target", "y", "--params", "x=1"], 1, /not a finite number/],
  [["--data", "-", "--target", "y", "--params", "k=1"], 2, /both the program and the data/],
];

describe("what can't be fitted is one message", () => {
  it.each(wrong)("%j", async (words, code, message) => {
    const ended = await fitting(words);
    expect(ended.stderr).toMatch(message);
    expect(ended).toMatchObject({ code, stdout: "" });
    expect(
      ended.stderr
        .trim()
        .split("\n")
        .filter((text) => /^\s+at /.test(text)),
    ).toEqual([]);
  });
});
