import { describe, expect, it } from "vitest";
import { json, output, softmachine, temporaryFolder } from "./testing.js";

const pendulum = "(* (- 0 (/ g L)) (sin theta))";
const constants = ["g=9.81", "L=1"];
const folder = temporaryFolder({
  "pendulum.scm": pendulum,
  "gcd.scm": "(define (gcd a b) (if (= b 0) a (gcd b (modulo a b))))",
  "angles.csv": 'id,theta\na,0.1\n\n"b,c",3/10\n',
  "angles.jsonl": '{"id":"a","theta":0.1}\n{"id":"b","theta":0.3}\n',
  "bad.csv": "theta\n0.1\n\nhot\n",
  "ragged.csv": "theta,x\n0.1,1\n0.2\n",
  "holes.jsonl": '{"theta":0.1}\n{"angle":0.2}\n',
  "broken.jsonl": '{"theta":0.1}\n{"theta":\n',
  "valued.csv": "theta,value\n0.1,2\n",
  "semicolons.csv": "a;b\n1;2\n",
  "tabs.txt": "a\tb\n1\t2\n",
  "empty.csv": "theta\n",
  "empty.scm": "  \n",
  "program.asm": ".program f\n  halt\n",
});
const run = (words: readonly string[], input?: string) =>
  softmachine(["run", ...words], { cwd: folder, ...(input === undefined ? {} : { input }) });

describe("run", () => {
  it("prints value and derivatives of an expression", async () => {
    const printed = await output(["run", "-e", pendulum, ...constants, "theta=0.3", "--grad"]);
    const numbers = Object.fromEntries(
      printed
        .trim()
        .split("\n")
        .map((line) => line.split(/\s+/)),
    );
    expect(Object.keys(numbers)).toEqual(["value", "d/dg", "d/dL", "d/dtheta"]);
    expect(Number(numbers.value)).toBeCloseTo(-9.81 * Math.sin(0.3), 12);
    expect(Number(numbers["d/dtheta"])).toBeCloseTo(-9.81 * Math.cos(0.3), 12);
  });

  it("takes the program from a file or standard input, and numbers as the language writes them", async () => {
    expect((await run(["pendulum.scm", "g=0", "L=1", "theta=1"])).stdout).toBe("0\n");
    expect((await run(["a=1/3", "b=-2e0"], "(* a b)")).stdout).toBe(`${-2 / 3}\n`);
    expect((await run(["-", "x=+inf.0"], "(/ 1 x)")).stdout).toBe("0\n");
  });

  it("prints JSON", async () => {
    expect(await json(["run", "-e", "(* a a)", "a=3", "--grad", "--json"])).toEqual({ value: 9, gradient: { a: 6 } });
    expect(await json(["run", "-e", "(/ 1 0)", "--json"])).toEqual({ value: "+inf.0" });
  });

  it("takes vectors and matrices", async () => {
    const form = ["-e", "(dot v (matvec M v))", "v=[1,2]", "M=[[2,1],[1,3]]"];
    for (const path of ["direct", "reference", "machine"])
      expect(await output(["run", ...form, "--path", path, ...(path === "machine" ? ["--n", "32"] : [])])).toBe("18\n");
    expect(await json(["run", ...form, "--grad", "--json"])).toEqual({
      value: 18,
      gradient: {
        v: [8, 14],
        M: [
          [1, 2],
          [2, 4],
        ],
      },
    });
    for (const path of ["direct", "reference", "machine"])
      expect(await output(["run", "-e", "(scale 2 v)", "v=[1,2]", "--path", path])).toBe("[2 4]\n");
  });

  it("takes an array for every row of a table", async () => {
    const words = ["-e", "(* theta (vsum v))", "v=[1,2]", "--data", "angles.jsonl"];
    const rows = (await run([...words, "--grad"])).stdout.trim().split("\n");
    expect(rows.map((row) => JSON.parse(row).gradient)).toEqual([
      { theta: 3, v: [0.1, 0.1] },
      { theta: 3, v: [0.3, 0.3] },
    ]);
    expect((await run(["-e", "(scale theta v)", ...words.slice(2)])).stderr).toBe(
      "error: a table of inputs needs a program whose value is one number\n",
    );
  });

  it("runs one program the same on every path", async () => {
    const words = ["gcd.scm", "--entry", "gcd", "a=12", "b=8"];
    for (const path of ["direct", "reference", "machine"]) {
      expect(await run([...words, "--path", path])).toMatchObject({ code: 0, stdout: "4\n" });
    }
  });

  it("runs a CSV file, keeping its columns and its rows' order", async () => {
    const { stdout, code } = await run(["pendulum.scm", ...constants, "--data", "angles.csv", "--grad"]);
    expect(code).toBe(0);
    const lines = stdout.trim().split("\n");
    expect(lines[0]).toBe("id,theta,value,d/dg,d/dL,d/dtheta");
    expect(lines[1]).toMatch(/^a,0\.1,-0\.97936/);
    expect(lines[2]).toMatch(/^"b,c",3\/10,-2\.89905/);
    expect(lines).toHaveLength(3);
  });

  it("runs a JSON-lines file, and CSV to JSON lines", async () => {
    for (const words of [
      ["--data", "angles.jsonl"],
      ["--data", "angles.csv", "--json"],
    ]) {
      const { stdout } = await run(["pendulum.scm", ...constants, "--grad", ...words]);
      const rows = stdout
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as Record<string, unknown>);
      expect(rows).toHaveLength(2);
      expect(rows[0]).toMatchObject({
        id: "a",
        theta: 0.1,
        gradient: { theta: expect.closeTo(-9.81 * Math.cos(0.1), 12) },
      });
      expect(rows[1].value).toBeCloseTo(-9.81 * Math.sin(0.3), 12);
    }
  });

  it("tells semicolons and tabs from the heading line", async () => {
    for (const file of ["semicolons.csv", "tabs.txt"])
      expect((await run(["-e", "(+ a b)", "--data", file])).stdout).toBe("a,b,value\n1,2,3\n");
  });

  it("repeats a value that depends on no column", async () => {
    const { stdout } = await run(["-e", "(+ k 1)", "k=2", "--data", "angles.csv"]);
    expect(stdout).toBe('id,theta,value\na,0.1,3\n"b,c",3/10,3\n');
  });
});

/** Arguments, exit code, and what the message must say. */
const wrong: readonly (readonly [words: readonly string[], code: number, message: RegExp])[] = [
  [["-e", "(+ a"], 1, /<expression>:1:1: .*never closed/],
  [["-e", "(sine x)", "x=1"], 1, /<expression>:1:2: .*"sine".*"sin"/],
  [["-e", "(sin x x)", "x=1"], 1, /1:1: .*sin/],
  [["-e", "(+ alpha b)", "alph=1", "b=2"], 1, /"alph" \(did you mean "alpha"\?\)/],
  [["-e", "(+ a b)", "a=1"], 1, /missing input "b"/],
  [["-e", "(+ a b)", "a=1", "b=2", "c=3"], 1, /unknown input "c"/],
  [["-e", "a", "a=one"], 2, /"one" is not a number/],
  [["-e", "a", "=1"], 2, /"=1" is neither a file nor name=value/],
  [["-e", "a", "a==1"], 2, /"a==1" is neither a file nor name=value/],
  [["-e", "a", "a=1", "a=2"], 2, /"a" is given twice/],
  [["-e", "(sqrt x)", "x=-1", "--strict"], 1, /"sqrt" at 1:1/],
  [["-e", "(let l ((i 0)) (l (+ i 1)))", "--iterations", "1000"], 1, /1,000 iterations/],
  [["pendulum.smc"], 1, /there is no file "pendulum.smc" \(did you mean "pendulum.scm"\?\)/],
  [["."], 1, /"\." is a folder/],
  [["empty.scm"], 1, /empty\.scm: the program is empty/],
  [["program.asm"], 2, /is assembly: `softmachine asm/],
  [[], 2, /no program/],
  [["-e", "1", "pendulum.scm"], 2, /not both/],
  [["pendulum.scm", "gcd.scm"], 2, /one program file/],
  [["gcd.scm", "--entry", "gdcc"], 1, /no function "gdcc"/],
  [["-e", "1", "--path", "machine", "--grad"], 2, /--grad is for --path direct/],
  [["-e", "1", "--n", "8"], 2, /--n is for --path machine/],
  [["-e", "1", "--path", "machine", "--n", "1"], 2, /whole number from 2/],
  [["-e", "1", "--path", "dirct"], 2, /did you mean "direct"/],
  [["-e", "1", "--dtype", "float16"], 2, /float64, float32/],
  [["-e", "1", "--grda"], 2, /unknown option '--grda'/],
  [["-e", "(+ a b)", "--path", "machine", "a=3", "b=16"], 1, /0 to 15 \(n = 16\); got 16/],
  [["-e", "(sin x)", "--path", "machine", "x=1"], 1, /"sin" has no instruction on the machine/],
  [["-e", "theta", "--data", "nothing.csv"], 1, /there is no file "nothing\.csv"/],
  [["-e", "theta", "--data", "bad.csv"], 1, /"bad\.csv", row 2 \(line 4\): "theta" is "hot", not a number/],
  [["-e", "theta", "--data", "ragged.csv"], 1, /"ragged\.csv", row 2 \(line 3\) has 1 cells; the heading has 2/],
  [["-e", "theta", "--data", "holes.jsonl"], 1, /row 2 \(line 2\): "theta" is missing/],
  [["-e", "theta", "--data", "broken.jsonl"], 1, /row 2 \(line 2\) is not JSON/],
  [["-e", "theta", "--data", "empty.csv"], 1, /has no rows/],
  [["-e", "thetta", "--data", "angles.csv"], 1, /no such column \(did you mean "theta"\?\)/],
  [["-e", "theta", "--data", "angles.csv", "theta=1"], 2, /"theta" is given as theta=1 and as a column/],
  [["-e", "theta", "--data", "valued.csv"], 2, /has a column "value" already/],
  [["-e", "(sqrt (- theta 1/5))", "--data", "angles.csv", "--strict"], 1, /"angles\.csv", row 1 \(line 2\): "sqrt"/],
  [["-e", "(remainder theta 2)", "--path", "machine", "--data", "angles.csv"], 1, /row 1 \(line 2\): .*got 0\.1/],
];

describe("run says what is wrong", () => {
  it.each(wrong)("run %j ends with %i", async (words, code, message) => {
    const ended = await run(words);
    expect(ended.stderr).toMatch(message);
    expect(ended).toMatchObject({ code, stdout: "" });
    expect(ended.stderr).not.toMatch(/\n\s+at /);
  });

  it("prints a stack trace with --debug", async () => {
    expect((await run(["--debug", "-e", "(+ a"])).stderr).toMatch(/\n\s+at /);
  });
});
