import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { TabulatedProgram } from "../machine/index.js";
import { ask } from "./ask.js";
import { type Calibration, calibrate, testCalibration, thresholdFor } from "./calibration.js";
import { type CalibrationQuestion, calibrationQuestions, type Purpose } from "./calibration-questions.js";
import { certaintyOf, type Evidence, tempered } from "./certainty.js";
import { loadCheckpoint, saveCheckpoint } from "./checkpoint.js";
import { FamiliarPairs } from "./familiar-pairs.js";
import { SentenceSource } from "./sentences.js";
import { fill } from "./templates.js";
import { resume, type TrainResult, train } from "./train.js";

const n = 16;
const program = (name: string, operands: number, f: (a: number, b: number) => number): TabulatedProgram => ({
  name,
  operands,
  n,
  values: Uint16Array.from({ length: n ** operands }, (_, i) =>
    operands === 1 ? f(i, 0) % n : f(Math.floor(i / n), i % n) % n,
  ),
});
const programs = [
  program("increment", 1, (a) => a + 1),
  program("double", 1, (a) => 2 * a),
  program("add", 2, (a, b) => a + b),
  program("max", 2, Math.max),
  program("remainder", 2, (a, b) => (b === 0 ? 0 : a % b)),
];
const purposes: readonly Purpose[] = ["calibration", "test"];

/** A model that has learned something in a few seconds. */
let run: TrainResult;
let calibration: Calibration;
let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "softmachine-"));
  run = await train(
    { programs: programs.slice(0, 4) },
    {
      backend: "wasm",
      hidden: 32,
      feedForward: 64,
      batch: 32,
      steps: 250,
      learningRate: 0.006,
      warmUp: 20,
      curriculumSteps: 100,
      evaluateSentences: 64,
      target: 0.99,
    },
  );
  calibration = calibrate(run, { accuracy: 0.8, questions: 400 });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("calibration questions", () => {
  const drawn = (purpose: Purpose, seed = 1, calls = 1) =>
    calibrationQuestions(programs, purpose, 400, { seed, calls, templates: 1000 });

  it("are half right ones, the same whenever they are drawn with the same seed", () => {
    for (const purpose of purposes) {
      const questions = drawn(purpose);
      expect(drawn(purpose)).toEqual(questions);
      expect(drawn(purpose, 2)).not.toEqual(questions);
      expect(questions.filter(({ kind }) => kind === undefined)).toHaveLength(200);
      for (const { answer, kind } of questions) expect(answer === undefined).toBe(kind !== undefined);
    }
  });

  it("share no kind of wrong question between calibration and test, and no phrase of a right one", () => {
    const kinds = (purpose: Purpose) => new Set(drawn(purpose).flatMap(({ kind }) => (kind === undefined ? [] : kind)));
    expect(kinds("calibration")).toEqual(
      new Set(["unrelated words", "too many numbers", "shuffled words", "statement", "something of the result"]),
    );
    expect(kinds("test")).toEqual(
      new Set([
        "another program",
        "too few numbers",
        "unrelated question",
        "two questions",
        "the result made into something",
      ]),
    );
    const texts = (purpose: Purpose) =>
      new Set(drawn(purpose).flatMap(({ text, kind }) => (kind === undefined ? text.replace(/[0-9]+/g, "#") : [])));
    expect([...texts("calibration")].filter((text) => texts("test").has(text))).toEqual([]);
  });

  it("of a wrong kind are wrong in the way that they say", () => {
    const numbersIn = ({ text }: CalibrationQuestion) => text.match(/[0-9]+/g)?.length ?? 0;
    const all = purposes.flatMap((purpose) => drawn(purpose));
    for (const question of all) {
      expect(numbersIn(question)).toBeGreaterThan(0);
      if (question.kind === "too many numbers") expect(numbersIn(question)).toBeGreaterThan(1);
      if (question.kind === "too few numbers") expect(numbersIn(question)).toBe(1);
      if (question.kind === "shuffled words") expect(question.text).toMatch(/divided|modulo|rest|remainder/);
      if (question.kind === "unrelated words") expect(question.text).not.toMatch(/sum|total|max|double|remainder/i);
    }
  });

  it("ask for two calls where a model takes them, which is then not wrong", () => {
    for (const purpose of purposes) {
      const questions = drawn(purpose, 1, 2);
      const right = questions.filter(({ kind }) => kind === undefined);
      expect(right).toHaveLength(200);
      const asksTwo = ({ text }: CalibrationQuestion) =>
        /then|after that|start|begin|\(|,| of the | work out /i.test(text);
      expect(right.filter(asksTwo).length).toBeGreaterThan(80);
      const kinds = new Set(questions.map(({ kind }) => kind));
      for (const kind of ["something of the result", "the result made into something", "two questions"] as const) {
        expect(kinds).not.toContain(kind);
      }
    }
  });

  it("of programs with one operand have no kind that needs more", () => {
    const kinds = calibrationQuestions(programs.slice(0, 2), "test", 80, { seed: 1, calls: 1, templates: 1000 }).map(
      ({ kind }) => kind,
    );
    expect(kinds).not.toContain("too few numbers");
  });
});

describe("certainty", () => {
  const evidence = (p: number, change: Partial<Evidence> = {}): Evidence => ({
    answer: 7,
    operands: [3, 4],
    distribution: Float64Array.from({ length: n }, (_, y) => (y === 7 ? p : (1 - p) / (n - 1))),
    numbers: [4, 3],
    unfamiliar: [],
    ...change,
  });

  it("falls with the answer's probability, with numbers that are not used and with strange neighbours", () => {
    const weights = { temperature: 1.5, bias: 1, weights: [0.5, 2, 1] };
    const of = (...given: Parameters<typeof evidence>) => certaintyOf(evidence(...given), weights);
    fc.assert(
      fc.property(fc.double({ min: 0.01, max: 0.9, noNaN: true }), (p) => {
        expect(of(p)).toBeLessThan(of(p + 0.05));
        expect(of(p, { numbers: [3] })).toBeLessThan(of(p));
        expect(of(p, { numbers: [3, 4, 4] })).toBe(of(p, { numbers: [3] }));
        expect(of(p, { unfamiliar: ["of bananas", "bananas and"] })).toBeLessThan(
          of(p, { unfamiliar: ["of bananas"] }),
        );
      }),
    );
    for (const p of [0, 1]) expect(Number.isFinite(of(p))).toBe(true);
  });

  it("is softened by a temperature above 1, and the likeliest stays the likeliest", () => {
    const some = Float64Array.of(0.7, 0.2, 0.1, 0);
    const soft = tempered(some, 2);
    expect(soft.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 12);
    expect(soft[0]).toBeLessThan(0.7);
    expect([...soft].sort((a, b) => b - a)).toEqual([...soft]);
    expect(tempered(some, 1)[0]).toBeCloseTo(0.7, 6);
    expect(tempered(some, 0.5)[0]).toBeGreaterThan(0.7);
  });
});

describe("a threshold", () => {
  const forecast = fc.record({ certainty: fc.integer({ min: 1, max: 99 }).map((x) => x / 100), right: fc.boolean() });

  it("leaves few enough errors among the answered, and no lower one does", () => {
    fc.assert(
      fc.property(fc.array(forecast, { maxLength: 60 }), fc.constantFrom(0.5, 0.9), (forecasts, accuracy) => {
        const enough = (threshold: number) => {
          const answered = forecasts.filter(({ certainty }) => certainty > threshold);
          const errors = answered.filter(({ right }) => !right).length;
          return answered.length > 0 && errors / answered.length <= 1 - accuracy;
        };
        const threshold = thresholdFor(forecasts, accuracy);
        if (threshold === 1) expect(forecasts.some(({ certainty }) => enough(certainty))).toBe(false);
        else {
          expect(enough(threshold)).toBe(true);
          for (const { certainty } of forecasts)
            if (certainty < threshold) expect(enough(certainty - 0.001)).toBe(false);
        }
      }),
    );
  });

  it("that no answer passes is that of a model which is never right", () => {
    const wrong = Array.from({ length: 50 }, (_, i) => ({ certainty: i / 50, right: false }));
    expect(thresholdFor(wrong, 0.9)).toBe(1);
  });
});

describe("a calibrated model", () => {
  it("refuses wrong questions far more often than right ones, of kinds that it was not calibrated on", () => {
    const test = testCalibration(run, calibration, 400);
    expect(test.refused).toBeGreaterThan(0.8);
    expect(test.coverage).toBeGreaterThan(0.3);
    expect(test.accuracy).toBeGreaterThan(0.75);
    expect(test.accuracyOfRight).toBeGreaterThanOrEqual(test.accuracyWithoutAbstention);
    expect(test.calibrationError.certaintyOnAll).toBeLessThan(test.calibrationError.beforeOnAll);
    expect(test.reliability.reduce((sum, { questions }) => sum + questions, 0)).toBe(400);
    const last = test.riskCoverage.at(-1);
    expect(last?.coverage).toBe(1);
    expect(last?.risk).toBeCloseTo(1 - test.accuracyWithoutAbstention / 2, 9);
  });

  it("answers what it was taught and abstains from nonsense, saying why", () => {
    const taught = ask(run.model, "What is the sum of 3 and 4?", { calibration });
    expect(taught).toMatchObject({ call: { program: "add", answer: 7 } });
    expect(taught.abstained).toBe(Number(taught.certainty) <= calibration.threshold);
    const nonsense = ask(run.model, "What is the capital of 3 and 4?", { calibration });
    expect(nonsense.abstained).toBe(true);
    expect(nonsense.certainty).toBeLessThan(Number(taught.certainty));
    expect(nonsense.certainty).toBeLessThan(calibration.threshold);
    expect(nonsense.doubts.join("\n")).toContain(
      'never seen beside each other in training: "the capital", "capital of"',
    );
    expect(ask(run.model, "What is the capital of 3 and 4?").abstained).toBe(false);
  });

  it("keeps its calibration in its checkpoint until it learns on", async () => {
    const file = path.join(folder, "calibrated.safetensors");
    const earlier = { ...run, options: { ...run.options, steps: run.model.step + 1, target: 2 }, calibration };
    await saveCheckpoint(file, earlier);
    expect((await loadCheckpoint(file)).calibration).toEqual(calibration);
    const later = await resume(file);
    expect(later.model.step).toBe(run.model.step + 1);
    expect((await loadCheckpoint(file)).calibration).toBeUndefined();
  });

  it.each([
    [{ accuracy: 0 }, "accuracy is 0; it is a number above 0, at most 1"],
    [{ accuracy: Number.NaN }, "accuracy is NaN"],
    [{ questions: 1 }, "1 questions can't be drawn; 2 to"],
  ])("refuses %j", (options, message) => {
    expect(() => calibrate(run, options)).toThrow(message);
  });
});

describe("familiar pairs", () => {
  it("are those of training's templates, whatever the numbers, and of own sentences", () => {
    const pairs = new FamiliarPairs(run.model);
    expect(pairs.unfamiliar("What is the sum of 14 and 9?")).toEqual([]);
    expect(pairs.unfamiliar("Hello there! What is the sum of 14 and 9?")).toEqual([]);
    const strange = "the heap of 14 and 9";
    expect(pairs.unfamiliar(strange)).toEqual(["the heap", "heap of"]);
    expect(
      new FamiliarPairs(run.model, { sentences: [{ text: "the heap of 1 and 2", answer: 3 }] }).unfamiliar(strange),
    ).toEqual([]);
  });

  it("are those of the templates that training had", () => {
    const [{ text }] = new SentenceSource(programs, { templates: 1, seed: 5 }).templates("add", "train");
    const few = new FamiliarPairs(run.model, { options: { templates: 1, seed: 5 } });
    expect(few.unfamiliar(fill(text, [2, 3, 4]))).toEqual([]);
    expect(few.unfamiliar("What is the sum of 14 and 9?")).not.toEqual([]);
  });
});
