import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout } from "node:timers/promises";
import { beforeAll, describe, expect, it } from "vitest";
import { json, output, softmachine, temporaryFolder } from "./testing.js";

/** A run so small that it takes a second. */
const tiny = ["--library", "package", "--batch", "8", "--hidden", "16", "--heads", "2", "--key-value-heads", "1"];
const sizes = [
  ...tiny,
  "--feed-forward",
  "16",
  "--layers",
  "1",
  "--evaluate-sentences",
  "8",
  "--test",
  "20",
  "--backend",
  "cpu",
];
const folder = temporaryFolder({
  "own.jsonl": '{"text": "twice of 3 plus 0", "answer": 6}\n',
  "bad.jsonl": '{"text": "twice of 3", "answer": 6}\n{"text": 4}\n',
});
const programs = {
  "twice.scm":
    ";;; Twice a number.\n;;;\n;;; operand a: a number\n;;; result: a + a\n;;; example: (twice 3) => 6\n\n(define (twice a) (+ a a))\n",
  "add.scm":
    ";;; The sum of two numbers.\n;;;\n;;; operand a: a number\n;;; operand b: a number\n;;; result: a + b\n;;; example: (add 1 2) => 3\n\n(define (add a b) (+ a b))\n",
};
const at = (name: string) => path.join(folder, name);
const train = (...words: string[]) => softmachine(["train", ...words], { cwd: folder });
const ask = (...words: string[]) => softmachine(["ask", ...words], { cwd: folder });

beforeAll(async () => {
  mkdirSync(at("programs"));
  for (const [name, text] of Object.entries(programs)) writeFileSync(path.join(at("programs"), name), text);
  await output(["library", "build", "--programs", "programs", "--out", "package", "--n", "8", "--check-n", "8"], {
    cwd: folder,
  });
  const trained = await train(
    ...sizes,
    "--steps",
    "6",
    "--checkpoint",
    "model.safetensors",
    "--sentences",
    "own.jsonl",
  );
  expect(trained).toMatchObject({ code: 0, stderr: expect.stringContaining("wrote model.safetensors") });
  expect(trained.stdout).toMatch(/^unseen templates +\d+\.\d % of 20 sentences$/m);
  expect(trained.stdout).toMatch(/^own sentences +\d+\.\d % of 1 sentences learned from$/m);
});

describe("train", () => {
  it("writes its checkpoint to runs/, which it makes", async () => {
    const empty = temporaryFolder({});
    const words = ["train", ...sizes, "--library", at("package"), "--steps", "2", "--checkpoint-every", "1"];
    const { code, stderr } = await softmachine(words, { cwd: empty });
    expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringContaining("wrote runs") });
    expect(readdirSync(path.join(empty, "runs"))).toEqual(["model.safetensors"]);
  });

  it("learns other people's programs and basic ones, or all where they are asked for", async () => {
    const [add, average] = ["add", "average"].map((name) => programs["add.scm"].replaceAll("add", name));
    const packaged = async (files: Readonly<Record<string, string>>) => {
      const cwd = temporaryFolder(files);
      await output(["library", "build", "--programs", ".", "--out", "package", "--n", "8", "--check-n", "8"], { cwd });
      return cwd;
    };
    const learned = async (cwd: string, ...words: string[]) => {
      const { stdout } = await softmachine(["train", ...sizes, "--steps", "1", "--overwrite", ...words], { cwd });
      return [...stdout.matchAll(/^(\w+) +(?:-|\d+\.\d %).*%/gm)].map(([, name]) => name);
    };
    const mixed = await packaged({ ...programs, "add.scm": add, "average.scm": average });
    expect(await learned(mixed)).toEqual(["add", "twice"]);
    expect(await learned(mixed, "--programs", "all")).toEqual(["add", "average", "twice"]);
    expect(await learned(await packaged({ "average.scm": average }))).toEqual(["average"]);
  });

  it("runs programs in superposition where that is asked for, and goes on with the checkpoint alone", async () => {
    const lossOf = async (execution: string) => {
      const words = ["--execution", execution, "--checkpoint", `${execution}.safetensors`, "--json"];
      return (await json<{ loss: number }>(["train", ...sizes, "--steps", "1", ...words], { cwd: folder })).loss;
    };
    // Twice a number is the number added to itself, which superposition takes for another one.
    expect(await lossOf("superposition")).not.toBeCloseTo(await lossOf("tabulated"), 4);
    const { stdout } = await ask("--checkpoint", "superposition.safetensors", "--json", "add 1 2");
    expect(JSON.parse(stdout)).toMatchObject({ text: "add 1 2", n: 8 });
  });

  it("stops at Ctrl-C with a checkpoint, and resumes to the same numbers", async () => {
    const settings = [...sizes, "--evaluate-every", "5", "--json", "--steps", "20"];
    const whole = await json<{ measurements: unknown; steps: number; loss: number }>(
      ["train", ...settings, "--checkpoint", "whole.safetensors"],
      { cwd: folder },
    );
    const stopped = await softmachine(
      ["train", ...settings, "--checkpoint", "part.safetensors", "--checkpoint-every", "1"],
      {
        cwd: folder,
        onStart: async (child) => {
          while (!existsSync(at("part.safetensors"))) await setTimeout(5);
          child.kill("SIGINT");
        },
      },
    );
    expect(stopped).toMatchObject({
      code: 130,
      stdout: "",
      stderr: expect.stringMatching(/stopped at step \d+;.*train --resume/),
    });
    expect(readdirSync(folder).filter((name) => name.startsWith("part"))).toEqual(["part.safetensors"]);
    const resumed = await json(["train", "--resume", "--checkpoint", "part.safetensors", "--test", "20", "--json"], {
      cwd: folder,
    });
    expect(resumed).toMatchObject({ measurements: whole.measurements, steps: whole.steps, loss: whole.loss });
  });

  it("refuses what would lose a run, and what can't be", async () => {
    const before = readFileSync(at("model.safetensors"));
    const refused = async (words: readonly string[], code: number, message: RegExp) => {
      const ended = await train(...words, "--checkpoint", "model.safetensors");
      expect(ended.stderr).toMatch(message);
      expect(ended).toMatchObject({ code, stdout: "" });
    };
    await refused(sizes, 2, /is there already: --resume continues it, --overwrite replaces it/);
    await refused(["--resume", "--steps", "9"], 2, /leave out steps/);
    await refused(["--resume", "--two-step-share", "0.5"], 2, /leave out twoStepShare/);
    expect(await train(...sizes, "--steps", "0.5")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("whole number from 1 to"),
    });
    expect(await train(...sizes, "--hidden", "1e9")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("whole number from 2 to 4,096"),
    });
    expect(await train(...sizes, "--heads", "3")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("doesn't divide into 3 heads"),
    });
    expect(await train(...sizes, "--test", "1000000000000")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("whole number from 1 to 1,000,000"),
    });
    expect(await train(...sizes, "--backend", "wasn")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('"wasm"'),
    });
    expect(await train(...sizes, "--programs", "twice,ad")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('no program "ad"'),
    });
    expect(await train(...sizes, "--n", "16")).toMatchObject({ code: 2, stderr: expect.stringContaining("n = 8") });
    for (const [words, message] of [
      [["--two-step-share", "0.5"], "twoStepShare 0.5 would change nothing: it is for calls 2"],
      [["--answer-weight", "2", "--calls", "2"], 'answerWeight 2 would change nothing: it is for output "text"'],
      [["--own-share", "0.3"], "--own-share is for own sentences"],
    ] as const) {
      const ended = await train(...sizes, ...words, "--checkpoint", "unused.safetensors");
      expect(ended).toMatchObject({ code: 2, stderr: expect.stringContaining(message) });
    }
    expect(await train(...sizes, "--sentences", "bad.jsonl")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("bad.jsonl:2"),
    });
    expect(await train("--resume", "--checkpoint", "none.safetensors")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("none.safetensors"),
    });
    expect(readFileSync(at("model.safetensors")).equals(before)).toBe(true);
  });
});

describe("ask", () => {
  const model = ["--checkpoint", "model.safetensors", "--library", "package"];

  it("says what was parsed, which program ran, and both paths' results", async () => {
    const { code, stdout } = await ask(...model, "add 3 and 4");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^add 3 and 4\n {2}program +\w+ \(\d+\.\d %\); then /);
    for (const part of ["operands", "exact", "soft"]) expect(stdout).toContain(`\n  ${part} `);
  });

  it("runs no program of the same name that answers otherwise", async () => {
    const words = ["--checkpoint", "model.safetensors"];
    // softmachine has an add too, the same, and no twice.
    expect((await ask(...words, "add 3 and 4")).stderr).toBe("");
    mkdirSync(at("others"));
    const source = `${programs["add.scm"].replace("=> 3", "=> 4").replace("(+ a b)", "(+ (+ a b) 1)")}`;
    writeFileSync(path.join(at("others"), "add.scm"), source);
    const built = ["library", "build", "--programs", "others", "--out", "other-package", "--n", "8", "--check-n", "8"];
    await output(built, { cwd: folder });
    const { code, stdout, stderr } = await ask(...words, "--library", "other-package", "add 3 and 4");
    expect(code).toBe(0);
    expect(stderr).toContain('the "add" that is here is not the one that the model learned to call');
    expect(stdout).toMatch(/exact .*the library here has no program/);
  });

  it("prints JSON whose parts agree", async () => {
    const words = ["ask", ...model, "--json", "what is twice 3?"];
    const answer = await json<{
      program: { name: string };
      operands: { value: number }[];
      exact: { value: number };
      distribution: number[];
    }>(words, { cwd: folder });
    const values = answer.operands.map(({ value }) => value);
    expect(answer.exact.value).toBe(answer.program.name === "twice" ? 2 * values[0] : values[0] + values[1]);
    expect(answer.distribution).toHaveLength(8);
    expect(answer.distribution.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 5);
  });

  it("asks a model that reads numbers by digits about numbers of 32 bits", async () => {
    const made = await train(...sizes, "--numbers", "digits", "--steps", "4", "--checkpoint", "digits.safetensors");
    expect(made).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^numerals +learned; \d+ of 10 read right$/m),
    });
    const asked = (question: string) =>
      ask("--checkpoint", "digits.safetensors", "--library", "package", "--json", question);
    const answer: unknown = JSON.parse((await asked("add 3000000000 and 2000000000")).stdout);
    expect(answer).toMatchObject({ n: 2 ** 32, bits: expect.any(Array), exact: { modulo: expect.any(Number) } });
    expect(await asked("add 5000000000 and 2")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(
        '"5000000000" can\'t be an operand: those are whole numbers from 0 to 4294967295',
      ),
    });
  });

  it("answers each line of standard input", async () => {
    const ended = await softmachine(["ask", ...model, "--json"], {
      cwd: folder,
      input: "twice 3\n\nadd 99 and 1\nadd 1 and 2\n",
    });
    expect(
      ended.stdout
        .trim()
        .split("\n")
        .map((line) => (JSON.parse(line) as { text: string }).text),
    ).toEqual(["twice 3", "add 1 and 2"]);
    expect(ended.stderr).toMatch(/"add 99 and 1": "99" can't be an operand/);
    expect(ended.code).toBe(1);
  });

  it("says what is wrong", async () => {
    expect(await ask(...model, "add three and four")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("no number"),
    });
    expect(await ask("add 1 and 2")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("softmachine train makes one"),
    });
    expect(await ask("--checkpoint", "none.safetensors", "add 1 and 2")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("none.safetensors"),
    });
    expect(await ask(...model)).toMatchObject({ code: 2, stderr: expect.stringContaining("no question") });
    expect(await ask("--checkpoint", "own.jsonl", "add 1 and 2")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("own.jsonl"),
    });
  });

  it("refuses a damaged checkpoint", async () => {
    const bytes = readFileSync(at("model.safetensors"));
    writeFileSync(at("cut.safetensors"), bytes.subarray(0, statSync(at("model.safetensors")).size - 7));
    expect(await ask("--checkpoint", "cut.safetensors", "add 1 and 2")).toMatchObject({
      code: 1,
      stdout: "",
      stderr: expect.stringMatching(/cut\.safetensors.*damaged|damaged.*cut\.safetensors/),
    });
  });
});
