import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { json, softmachine, temporaryFolder } from "./testing.js";

const folder = temporaryFolder({
  "square.scm": "(define (square a b) (* (+ a b) (+ a b)))\n",
  "rows.jsonl": '{"a":1,"b":2,"result":3}\n{"a":2,"b":2,"result":4}\n{"a":5,"b":3,"result":8}\n',
  "bad.csv": "a,b\n1,99\n",
});
const adapt = (...words: string[]) => softmachine(["adapt", ...words], { cwd: folder });
const quick = ["--iterations", "400", "--starts", "2"];

describe("adapt", () => {
  it("finds a faster program, proves it, and writes assembly that asm reads back", async () => {
    const words = ["square.scm", "--entry", "square", "a=0..3", "b=2,3", "--n", "64", ...quick, "--out", "fast.asm"];
    const { code, stdout, stderr } = await adapt(...words);
    expect({ code, stderr: stderr.match(/^wrote.*/m)?.[0] }).toEqual({ code: 0, stderr: "wrote fast.asm" });
    expect(stdout).toMatch(/^before +4\.00 steps on average, at most 4\nafter +3\.00 steps on average, at most 3$/m);
    expect(stdout).toMatch(/^proof +right on every input: 8 runs$/m);
    expect(stdout).toMatch(/^ {2}mul .*; \d+\.\d %$/m);
    expect(readFileSync(path.join(folder, "fast.asm"), "utf8")).toMatch(/^\.program square\n\.operands a b\n/);
    const run = ["asm", "fast.asm", "--n", "64", "--run", "a=3", "b=2", "--json"];
    expect(await json(run, { cwd: folder })).toMatchObject({ value: 25, steps: 3 });
  });

  it("puts a wrong program right, from rows that say what is wanted", async () => {
    const words = ["adapt", "-e", "(- a b)", "--data", "rows.jsonl", ...quick, "--json"];
    const found = await json(words, { cwd: folder });
    expect(found).toMatchObject({
      ...{ program: "main", stopped: false },
      before: { proved: false, counterexample: { wrong: expect.stringMatching(/^r0 holds \d+, not \d+$/) } },
      after: { proved: true, exhaustive: true, runs: 3 },
      assembly: expect.stringMatching(/^\.program main\n/),
      starts: [{ start: 0 }, { start: 1 }],
    });
    expect(found.confidence).toEqual(expect.arrayContaining([expect.any(Number)]));
  });

  it("leaves what is frozen as it is, and says when nothing faster was found", async () => {
    const words = ["-e", "(* (+ a b) (+ a b))", "a=0..3", "b=2", "--freeze-lines", "0..3", "--iterations", "40"];
    const { code, stdout } = await adapt(...words, "--starts", "1", "--n", "64", "--freeze-start");
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: "main: 4.00 steps on average, at most 4; nothing faster was found in 1 starts\n",
    });
  });

  it.each<[string, string[], number]>([
    ['unknown operand "c"', ["-e", "(+ a b)", "a=1", "c=2"], 1],
    ["20 is not a whole number from 0 to 15 (n = 16)", ["-e", "(+ a 1)", "a=1..20"], 2],
    ["an operand's values are 3, or 1..5", ["-e", "(+ a 1)", "a=1..x"], 2],
    ["the range 5..1 is empty", ["-e", "(+ a 1)", "a=5..1"], 2],
    ['row 1: "b" is 99, not a whole number', ["-e", "(+ a b)", "--data", "bad.csv"], 2],
    ["not both", ["-e", "(+ a 1)", "a=1", "--data", "bad.csv"], 2],
    ["there is no line 9; the program has lines 0 to", ["-e", "(+ a 1)", "a=1", "--freeze-lines", "9"], 2],
    ["It must be of op, a, b, out, k", ["-e", "(+ a 1)", "a=1", "--freeze-fields", "x"], 2],
    ["has not halted after 100 steps", ["-e", "(loop ((i a)) (recur (+ i 1)))", "a=1", "--steps", "100"], 1],
    ["takes or gives arrays", ["-", "v[0]=1", "v[1]=1"], 1],
  ])("says %s", async (message, words, code) => {
    const input = ".program f\n.array v 0 2\n  const r0, #0\n  halt\n";
    const ended = await softmachine(["adapt", ...words], { cwd: folder, input });
    expect(ended).toMatchObject({ code, stdout: "", stderr: expect.stringContaining(message) });
  });
});
