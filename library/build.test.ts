import { describe, expect, test } from "vitest";
import { runExact } from "../machine/index.js";
import { SoftmachineError } from "../scheme/index.js";
import { type BuildProgress, buildLibrary } from "./build.js";
import { findPrograms } from "./catalog.js";
import { programText, smallPrograms } from "./testing.js";

const failureOf = async (...programs: ReturnType<typeof programText>[]) => {
  const { library, reports } = await buildLibrary({ programs: [...smallPrograms, ...programs] });
  expect(library.programs.map(({ name }) => name)).toEqual(["larger", "next"]);
  const report = reports[reports.length - 1];
  if (report.ok) throw new Error(`${report.name} passed`);
  return report.failure;
};

const basic = ["add", "decrement", "factorial", "fibonacci", "gcd", "max", "power", "quotient", "subtract"];

describe("the library that comes along", async () => {
  const found = await findPrograms();
  // As the library is built, but on fewer inputs: each check runs on each program.
  const few = {
    inputs: 64,
    imageInputs: 32,
    softInputs: 16,
    work: 5000,
    exhaustiveWork: 5000,
    softWork: 5000,
    circuitWork: 200,
  };
  const all = await buildLibrary({ programs: found, ...few });

  test.each(all.reports)("$name passes every check", (report) => {
    expect(report).toMatchObject({ ok: true });
  });

  test("holds all of its programs of whole numbers in one image", () => {
    const whole = all.library.programs.filter(({ kind }) => kind === "machine").map(({ name }) => name);
    expect(all.library.programs.map(({ name }) => name)).toEqual(found.map(({ name }) => name));
    expect([...all.library.image.entries.keys()]).toEqual(whole);
    expect(all.library.n).toBe(64);
    for (const { name, operands } of all.library.callable) expect([name, operands.length <= 3]).toEqual([name, true]);
  });
});

describe("programs of whole numbers", async () => {
  const found = await findPrograms();
  const { library, reports } = await buildLibrary({
    programs: found.filter(({ name }) => basic.includes(name)),
    n: 32,
  });

  test.each(reports)("$name is checked on all inputs of a small n", (report) => {
    expect(report).toMatchObject({ ok: true });
    if (!report.ok || report.verification.kind !== "machine") return;
    const { verification } = report;
    const { operands, examples } = library.program(report.name);
    expect(verification.exact).toEqual({ n: 16, inputs: 16 ** operands.length, exhaustive: true });
    if (operands.length < 3) expect(verification.soft).toEqual(verification.exact);
    const { inputs, exhaustive } = verification.image;
    expect(exhaustive).toBe(operands.length < 3);
    if (exhaustive) expect(inputs).toBe(32 ** operands.length);
    expect(verification.circuit).toBeGreaterThanOrEqual(16);
    expect(verification.tabulated).toBe(operands.length === 1 ? 16 : 128);
    expect(verification.paths).toBe(operands.length === 1 ? 16 : 64);
    expect(verification.gradient).toBe(operands.length);
    expect(verification.examples).toBe(examples.length);
    expect(report.certificate).toBe(library.program(report.name).certificate);
  });

  const calls: [name: string, operands: number[], result: number][] = [
    ["add", [20, 20], 8],
    ["subtract", [1, 2], 31],
    ["gcd", [12, 18], 6],
    ["power", [3, 3], 27],
    ["fibonacci", [0, 1, 8], 21],
    ["factorial", [4], 24],
    ["quotient", [31, 0], 0],
  ];

  test.each(calls)("%s %j is %i, by a run and by the table", (name, operands, result) => {
    expect(runExact(library.image, name, operands).result).toBe(result);
    const index = operands.reduce((sum, value) => sum * 32 + value, 0);
    expect(library.table(name).values[index]).toBe(result);
    expect(library.table(name)).toBe(library.table(name));
  });

  test("names the nearest program where there is none", () => {
    expect(() => library.program("fibonaci")).toThrow(
      'no program "fibonaci" in the library (did you mean "fibonacci"?)',
    );
    expect(() => library.table("ad")).toThrow(SoftmachineError);
  });
});

describe("what fails is named and left out", () => {
  test("an example that lies", async () => {
    const failure = await failureOf(programText("twice", ["a"], "(twice 2) => 5", "(define (twice a) (* 2 a))"));
    expect(failure).toMatchObject({ stage: "example", input: [2] });
    expect(failure.message).toContain("tests/twice.scm:5:5: this example does not hold: the program gives 4");
  });

  test("recursion that outgrows the machine's memory, with the smallest input", async () => {
    const code = "(define (depth a) (if (= a 0) 0 (+ a (depth (- a 1)))))";
    const failure = await failureOf(programText("depth", ["a"], "(depth 3) => 6", code));
    expect(failure.stage).toBe("exact");
    expect(failure.message).toContain("recursion needs more than n = 64 memory cells");
    const [smallest] = failure.input ?? [];
    expect(smallest).toBeGreaterThan(3);
    expect(smallest).toBeLessThan(64);
    expect(failure.message).toContain(`"depth" with a = ${smallest}, n = 64`);
  });

  test("a program that does not end", async () => {
    const code = "(define (up a) (do ((i 0 (+ i 1))) ((> i a) i)))";
    const failure = await failureOf(programText("up", ["a"], "(up 3) => 4", code));
    expect(failure).toMatchObject({ stage: "exact", input: [15] });
    expect(failure.message).toContain("still running");
  });

  test("a fault in the text", async () => {
    const failure = await failureOf(programText("odd", ["a"], "(odd 3) => 1", "(define (odd a) (modul a 2))"));
    expect(failure).toMatchObject({ stage: "file", input: undefined });
    expect(failure.message).toContain('did you mean "modulo"?');
  });

  test("what the machine has no instruction for", async () => {
    const failure = await failureOf(programText("root", ["a"], "(root 4) => 2", "(define (root a) (sqrt a))"));
    expect(failure.stage).toBe("assembly");
    expect(failure.message).toContain("tests/root.scm:7:18");
  });

  test("a constant that is no value of the machine", async () => {
    const failure = await failureOf(programText("far", ["a"], "(far 1) => 101", "(define (far a) (+ a 100))"));
    expect(failure.stage).toBe("assembly");
    expect(failure.message).toContain("100");
  });

  test("a constant that needs more values than the check's is checked with more", async () => {
    const far = programText("far", ["a"], "(far 1) => 21", "(define (far a) (+ a 20))");
    const { reports } = await buildLibrary({ programs: [far] });
    expect(reports[0]).toMatchObject({ ok: true, verification: { exact: { n: 32, inputs: 32, exhaustive: true } } });
  });
});

describe("a build", () => {
  test("tells its progress", async () => {
    const seen: BuildProgress[] = [];
    const bad = programText("bad", ["a"], "(bad 1) => 2", "(define (bad a) a)");
    await buildLibrary({ programs: [bad, ...smallPrograms], onProgress: (progress) => seen.push(progress) });
    expect(seen.map(({ phase, name, done, total }) => `${phase} ${name} ${done}/${total}`)).toEqual([
      "alone bad 1/3",
      "alone larger 2/3",
      "alone next 3/3",
      "in the image larger 1/2",
      "in the image next 2/2",
    ]);
    expect(seen.map(({ failure }) => failure?.stage)).toEqual(["example", ...Array(4).fill(undefined)]);
  });

  test("without a program that passes is refused", async () => {
    const bad = programText("bad", ["a"], "(bad 1) => 2", "(define (bad a) a)");
    await expect(buildLibrary({ programs: [bad] })).rejects.toThrow('no program can be in the library: "bad": ');
    await expect(buildLibrary({ programs: [] })).rejects.toThrow("no program can be in the library: there is none");
  });

  test("of two programs with one name is refused", async () => {
    const [first] = smallPrograms;
    const second = { ...first, file: "other/larger.scm" };
    await expect(buildLibrary({ programs: [first, second] })).rejects.toThrow(
      'two programs are named "larger": tests/larger.scm and other/larger.scm',
    );
  });

  test("leaves a program's stack the memory that only others need", async () => {
    const code = "(define (sum a) (if (= (modulo a 3) 0) 0 (+ 1 (sum (- (modulo a 3) 1)))))";
    const stacked = programText("sum", ["a"], "(sum 2) => 2", code);
    const indexed = programText(
      "pick",
      ["v (9 of 0..3)"],
      "(pick [3 1 1 1 1 1 1 1 1]) => 3",
      "(define (pick v) (ref v 0))",
    );
    const { reports, library } = await buildLibrary({ programs: [stacked, indexed], n: 16, inputs: 300 });
    expect(reports.map(({ ok }) => ok)).toEqual([true, true]);
    expect(library.image.entries.get("sum")?.stackCells).toBe(16);
  });

  test.each([
    [{ n: 1 }, "n must be"],
    [{ n: 2.5 }, "n must be"],
    [{ n: 65536, memory: 1 }, "the soft machine takes n up to 4096"],
    [{ registers: 0 }, "registers must be"],
    [{ memory: 128 }, "memory must be"],
    [{ checkN: 1 }, "checkN must be a whole number from 2"],
    [{ steps: Number.NaN }, "steps must be"],
    [{ softInputs: 0 }, "softInputs must be"],
  ])("with an impossible option is refused: %j", async (options, message) => {
    await expect(buildLibrary({ programs: smallPrograms, ...options })).rejects.toThrow(message);
    await expect(buildLibrary({ programs: smallPrograms, ...options })).rejects.toBeInstanceOf(SoftmachineError);
  });
});
