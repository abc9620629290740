import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { link, parseAssembly } from "../../assembler/index.js";
import {
  Adaptation,
  type AdaptationOptions,
  type AdaptationTask,
  type Choose,
  decompile,
  everyOutcome,
  genericProgram,
  numbersOf,
  programFromNumbers,
  prove,
  randomly,
  runExact,
  SoftMachine,
  seededRandom,
  trainedMask,
} from "../index.js";
import { shrink } from "./choices.js";
import { totalLoss } from "./loss.js";
import { lossGradient } from "./loss-gradient.js";
import { discretise, distributionsOf, flashParameters, parametersGradient } from "./parameters.js";
import { drawExample } from "./task.js";

const text = `.program doubled\n.operands x address\ninc r2, r2\ndec r2, r2\nread r2, r1\nadd r2, r2, r0\nwrite r1, r2\nmove r0, r2\nhalt`;
const image = link([parseAssembly(text)], { n: 6, registers: 3 });

/** Adds its operand to a memory cell, and says what that then holds. */
const task: AdaptationTask = {
  image,
  program: "doubled",
  constants: [2],
  steps: 8,
  example: (choose) => {
    const [x, held] = [choose(0, 5), choose(0, 5)];
    const sum = (x + held) % 6;
    return {
      operands: [x],
      memory: [{ low: 0, high: 5 }, 0, held],
      cells: [
        [2, sum],
        [0, { of: 0 }],
      ],
      result: sum,
    };
  },
};

describe("choices", () => {
  it("are made in every way once, as often as they are likely", () => {
    const outcomes = [...everyOutcome((choose) => (choose(0, 1) === 0 ? choose(5, 7) : 0))];
    expect(outcomes.map(({ choices }) => choices)).toEqual([[0, 5], [0, 6], [0, 7], [1]]);
    expect(outcomes.map(({ result }) => result)).toEqual([5, 6, 7, 0]);
    expect(outcomes.map(({ probability }) => probability)).toEqual([1 / 6, 1 / 6, 1 / 6, 1 / 2]);
  });

  it("shrink to the smallest that still has the property", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 90 }), fc.integer({ min: 0, max: 90 }), (x, y) => {
        const holds = (choose: Choose) => choose(0, 99) + choose(0, 99) >= x + y;
        expect(shrink([x + 5, y + 5], holds).reduce((sum, value) => sum + value, 0)).toBe(x + y);
      }),
    );
  });
});

describe("a proof", () => {
  it("covers every input, in one run those that a program can't tell apart", () => {
    expect(prove(task, genericProgram(task))).toEqual({
      ...{ proved: true, exhaustive: true, runs: 36, mostSteps: 7 },
      meanSteps: expect.closeTo(7, 9),
    });
  });

  it("rejects what is wrong, with the smallest input that shows it", () => {
    const broken = { image: { ...image, instructions: { ...image.instructions } }, constants: [2] };
    broken.image.instructions.op = image.instructions.op.slice();
    // max for add: right where one of the two is 0.
    broken.image.instructions.op[3] = 10;
    const { proved, counterexample } = prove(task, broken);
    expect(proved).toBe(false);
    expect(counterexample).toEqual({ operands: [1], memory: [undefined, 0, 1], wrong: "cell 2 holds 1, not 2" });
    const drawn = prove(task, broken, { mostRuns: 3, samples: 500 });
    expect(drawn).toMatchObject({ proved: false, exhaustive: false, counterexample });
  });

  it("says what does not halt", () => {
    const { counterexample } = prove({ ...task, steps: 6 }, genericProgram(task));
    expect(counterexample?.wrong).toBe("it has not halted after 6 steps");
  });

  it("draws inputs where there are too many", () => {
    expect(prove(task, genericProgram(task), { mostRuns: 35, samples: 50 })).toMatchObject({
      ...{ proved: true, exhaustive: false, runs: 50 },
    });
  });
});

describe("the loss of an adaptive program", () => {
  const weights = { correctness: 2, confidence: 0.5, halting: 3, time: 0.2 };
  const draw = randomly(seededRandom(4));
  const examples = [drawExample(task, draw), drawExample(task, draw), drawExample(task, draw)];
  const mask = trainedMask(image, { lines: [0, 1, 4, 6] });
  const parameters = flashParameters(
    { ...task, operations: ["halt", "inc", "dec", "add", "read", "write", "move"] },
    2,
  );
  const random = seededRandom(5);
  parameters.all.forEach((_, i) => {
    parameters.all[i] += random();
  });
  const machine = new SoftMachine(distributionsOf(task, parameters).program, { batch: 3, gradientSteps: 8 });
  const loss = () => lossGradient(task, machine, { parameters, examples, weights, steps: 8, mask, trained: {} });

  it("has central differences as its gradient", () => {
    const { distributions, gradient } = loss();
    const slopes = parametersGradient(task, distributions, gradient);
    const trained = new Set<number>();
    slopes.forEach((slope, i) => {
      if (slope !== 0) trained.add(i);
      if (!Number.isFinite(parameters.all[i]) || (slope === 0 && i % 7 !== 0) || (slope !== 0 && i % 3 !== 0)) return;
      const value = parameters.all[i];
      parameters.all[i] = value + 1e-5;
      const above = totalLoss(weights, loss().parts);
      parameters.all[i] = value - 1e-5;
      const difference = (above - totalLoss(weights, loss().parts)) / 2e-5;
      parameters.all[i] = value;
      if (slope !== 0) expect(slope).toBeCloseTo(difference, 6);
    });
    // Of the fields, those of frozen lines have none.
    const { op } = gradient.fields;
    const width = op.length / image.lines;
    const moved = Array.from({ length: image.lines }, (_, line) =>
      op.subarray(line * width, (line + 1) * width).some((g) => g !== 0),
    );
    expect(moved).toEqual([true, true, false, false, true, false, true]);
    expect(trained.size).toBeGreaterThan(50);
  });

  it("is next to nothing for a program that is right and sharp, but for time", () => {
    const sharp = flashParameters(task, 25);
    const { parts } = lossGradient(task, machine, {
      ...{ parameters: sharp, examples, weights, steps: 8, mask, trained: {} },
    });
    expect(parts.correctness + parts.confidence + parts.halting).toBeLessThan(1e-6);
    expect(parts.time).toBeCloseTo(7, 6);
  });
});

describe("adaptation", () => {
  const options = { iterations: 400, cycle: 100, patience: 100, proposals: 20, seed: 3, checkEvery: 2 };

  it("finds a faster program that is right on every input", () => {
    const operations = ["halt", "inc", "dec", "add", "read", "write", "move"] as const;
    const adaptation = new Adaptation({ ...task, operations }, { ...options, iterations: 4000, learningRate: 0.3 });
    let last = adaptation.step();
    while (!adaptation.done && !((last.best?.verdict.meanSteps ?? 7) < 6.5)) last = adaptation.step();
    expect(Number.isFinite(last.loss)).toBe(true);
    const { best } = adaptation;
    expect(best?.verdict).toMatchObject({ proved: true, exhaustive: true });
    expect(best?.verdict.meanSteps).toBeLessThan(7);
    if (best === undefined) return;
    const numbers = numbersOf(task, best.program);
    expect(adaptation.improvements.at(-1)?.meanSteps).toBe(best.verdict.meanSteps);
    const again = programFromNumbers(task, JSON.parse(JSON.stringify(numbers)));
    expect(prove(task, again)).toEqual(prove(task, best.program));
    expect(runExact(again.image, "doubled", [3, ...again.constants]).registers[0]).toBe(3);
  });

  it("goes on where it stopped, to the same end", () => {
    const whole = new Adaptation(task, options);
    while (!whole.done) whole.step();
    const stopped = new Adaptation(task, options);
    for (let i = 0; i < 250; i++) stopped.step();
    const resumed = Adaptation.from(task, options, JSON.parse(JSON.stringify(stopped.state)));
    expect(resumed.iteration).toBe(200);
    while (!resumed.done) resumed.step();
    expect(resumed.parameters.all).toEqual(whole.parameters.all);
    expect(resumed.best?.program).toEqual(whole.best?.program);
    expect(resumed.improvements).toEqual(whole.improvements);
  });

  it("comes to faster programs by descent alone, and by proposals alone", () => {
    const operations = ["halt", "inc", "dec", "add", "read", "write", "move"] as const;
    const run = (given: AdaptationOptions) => {
      const adaptation = new Adaptation({ ...task, operations }, { seed: 2, iterations: 6000, ...given });
      while (!adaptation.done && adaptation.improvements.length === 0) adaptation.step();
      return adaptation.improvements;
    };
    const [descended] = run({ proposals: 0, edits: 0 });
    expect(descended.meanSteps).toBeLessThan(7);
    // What noise makes of a program is not descent's doing, and so may be faster with no change.
    expect(descended.changes).toBeGreaterThanOrEqual(0);
    const [proposed] = run({ learningRate: 0, noise: 0 });
    expect(proposed).toMatchObject({ changes: 0 });
    expect(proposed.meanSteps).toBeLessThan(7);
  });

  it("ends when it has rested for long on a faster program", () => {
    const adaptation = new Adaptation(task, { seed: 2, iterations: 6000, rest: 100 });
    while (!adaptation.done) adaptation.step();
    const last = adaptation.improvements.at(-1);
    expect(adaptation.iteration).toBe(100 + (last?.iteration ?? 0));
  });

  it("puts a program right that is wrong", () => {
    const broken = { ...task, image: { ...image, instructions: { ...image.instructions } } };
    broken.image.instructions.op = image.instructions.op.slice();
    // max for add.
    broken.image.instructions.op[3] = 10;
    const adaptation = new Adaptation(broken, { seed: 1, iterations: 6000 });
    expect(adaptation.best).toBeUndefined();
    while (!adaptation.done && adaptation.best === undefined) adaptation.step();
    expect(adaptation.best?.verdict).toMatchObject({ proved: true, exhaustive: true });
  });

  it("leaves what is frozen as it is", () => {
    const trained = { lines: [2, 3], fields: ["op"], constants: false, entry: false } as const;
    const adaptation = new Adaptation(task, { ...options, trained, prior: { weight: 0.1, decay: 0.01 } });
    const before = adaptation.parameters.all.slice();
    for (let i = 0; i < 20; i++) adaptation.step();
    const moved = [...before.keys()].filter((i) => before[i] !== adaptation.parameters.all[i]);
    expect([...new Set(moved.map((i) => Math.floor(i / (adaptation.parameters.fields.op.length / 7))))]).toEqual([
      2, 3,
    ]);
  });

  it("refuses what is impossible", () => {
    expect(() => new Adaptation({ ...task, constants: [1, 2, 3] })).toThrow(
      '"doubled" has 3 constants, and 2 operands',
    );
    expect(() => new Adaptation({ ...task, constants: [6] })).toThrow("must be a whole number from 0 to 5; got 6");
    expect(() => new Adaptation({ ...task, operations: ["halt"] })).toThrow("uses an operation that its task does not");
    expect(() => new Adaptation(task, { learningRate: -1 })).toThrow(
      "the learning rate must be a number of at least 0",
    );
    expect(() => new Adaptation(task, { trained: { lines: [9] } })).toThrow("there is no line 9 to train");
  });
});

describe("decompiling", () => {
  it("gives the program with how likely each line is", () => {
    const { assembly, text: shown, confidence } = decompile(task, flashParameters(task, 3));
    expect(confidence).toHaveLength(7);
    // One of 26 operations, and one of 3 registers twice.
    const [op, register] = [Math.exp(3) / (Math.exp(3) + 25), Math.exp(3) / (Math.exp(3) + 2)];
    expect(confidence[0]).toBeCloseTo(op * register * register, 12);
    expect(parseAssembly(shown)).toEqual(assembly);
    expect(shown).toMatch(
      /^; doubled begins with r1 = 2 \(80\.0 %\)\n\.program doubled\n\.operands x address\n {2}inc {3}r2, r2 +; \d\d\.\d %/,
    );
    expect(link([assembly], { n: 6, registers: 3 }).instructions).toEqual(
      discretise(task, flashParameters(task, 3)).image.instructions,
    );
  });
});
