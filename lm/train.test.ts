import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { TabulatedProgram } from "../machine/index.js";
import { decodeSafetensors, encodeSafetensors } from "../tensor/index.js";
import { ask } from "./ask.js";
import { loadCheckpoint, withDigest } from "./checkpoint.js";
import { evaluate, heldOutSentences } from "./evaluate.js";
import { completeOptions, type TrainOptions } from "./options.js";
import { resume, type TrainResult, train } from "./train.js";

const n = 8;
const one = (name: string, f: (a: number) => number): TabulatedProgram => ({
  name,
  operands: 1,
  n,
  values: Uint16Array.from({ length: n }, (_, a) => f(a) % n),
});
const two = (name: string, f: (a: number, b: number) => number): TabulatedProgram => ({
  name,
  operands: 2,
  n,
  values: Uint16Array.from({ length: n * n }, (_, i) => f(Math.floor(i / n), i % n) % n),
});
const programs = [
  one("increment", (a) => a + 1),
  one("double", (a) => 2 * a),
  two("subtract", (a, b) => a - b + n),
  two("max", Math.max),
];
const tiny: Partial<TrainOptions> = {
  backend: "wasm",
  hidden: 16,
  heads: 2,
  keyValueHeads: 1,
  feedForward: 24,
  batch: 8,
  steps: 12,
  warmUp: 3,
  curriculumSteps: 6,
  evaluateEvery: 4,
  evaluateSentences: 8,
  checkpointEvery: 5,
  seed: 5,
  target: 2,
};

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "softmachine-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** All that a run came to, but for the time it took. */
function numbers({ model, history, outcome }: TrainResult) {
  return {
    outcome,
    step: model.step,
    losses: history.losses,
    measurements: history.measurements,
    dense: new Map(model.dense),
    embedding: model.embedding.save(),
    numerals: model.numerals.save(),
  };
}

describe("training", () => {
  it("learns from answers alone to parse unseen pairs and to choose programs", async () => {
    // Sums and maxima don't ask for an order of operands, which so few pairs can't teach in seconds.
    const symmetric = [...programs.slice(0, 2), two("add", (a, b) => a + b), two("max", Math.max)];
    const steps: number[] = [];
    const result = await train(
      { programs: symmetric },
      {
        ...tiny,
        hidden: 32,
        heads: 4,
        feedForward: 64,
        batch: 32,
        steps: 400,
        learningRate: 0.006,
        warmUp: 20,
        curriculumSteps: 100,
        evaluateEvery: 25,
        evaluateSentences: 128,
        target: 0.97,
      },
      {
        onProgress: ({ step, loss, secondsLeft }) => {
          steps.push(step);
          expect(Number.isFinite(loss)).toBe(true);
          expect(secondsLeft).toBeGreaterThanOrEqual(0);
        },
      },
    );
    expect(result.outcome).toBe("target reached");
    expect(steps).toEqual(Array.from({ length: result.model.step }, (_, i) => i + 1));
    const unseen = evaluate(result.model, heldOutSentences(symmetric, "held-out operands", 256, { seed: 99 }));
    expect(unseen.accuracy).toBeGreaterThan(0.9);
    expect(unseen.parsedAccuracy).toBeGreaterThan(0.9);
    expect(Object.keys(unseen.byProgram).sort()).toEqual(["add", "max"]);

    const answer = ask(result.model, "What is 7 plus 2?");
    expect(answer.call).toMatchObject({ program: "add", answer: 1 });
    expect([...answer.call.operands].sort()).toEqual([2, 7]);
    expect(answer.soft.value).toBe(1);
    expect(answer.program.value).toBe("add");
    expect(answer.runnersUp.map(({ value }) => value).sort()).toEqual(["double", "increment", "max"]);
    expect(answer.distribution.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 4);
    expect(answer.confidence).toBeGreaterThan(0.1);
    const doubted = ask(result.model, "sum 3 aardvark");
    expect(doubted.doubts.join("; ")).toMatch(
      /takes 2 operands, and the text has 1 number.*never seen in training: .*"/,
    );
  });

  it("starts and goes on with the same numbers for the same seed", async () => {
    const runs = [
      await train({ programs }, tiny),
      await train({ programs }, tiny),
      await train({ programs }, { ...tiny, seed: 6 }),
    ];
    expect(numbers(runs[1])).toEqual(numbers(runs[0]));
    expect(runs[2].history.losses).not.toEqual(runs[0].history.losses);
  });

  it("takes the ten steps that it always took", async () => {
    // Refreshed by `vitest -u` when templates, initial values or the optimizer change on purpose.
    const { history } = await train({ programs }, { ...tiny, steps: 10 });
    expect(history.losses.map((loss) => loss.toFixed(3)).join(" ")).toMatchInlineSnapshot(
      `"2.194 1.832 2.310 2.064 2.238 2.147 2.028 1.940 1.957 2.035"`,
    );
  });

  it("stopped and resumed, gives the same numbers as a run that never was", async () => {
    const file = path.join(folder, "resumed.safetensors");
    const sentences = [{ text: "the one after 3", answer: 4 }];
    const whole = await train({ programs, sentences }, tiny);
    for (const stopAt of [1, 5, 7]) {
      const stop = new AbortController();
      const stopped = await train({ programs, sentences }, tiny, {
        checkpoint: file,
        signal: stop.signal,
        onProgress: ({ step }) => {
          if (step === stopAt) stop.abort();
        },
      });
      expect(stopped.outcome).toBe("stopped");
      expect(stopped.model.step).toBe(stopAt);
      expect(numbers(await resume(file))).toEqual(numbers(whole));
    }
    // The file now holds the finished run: nothing is left to do.
    expect(numbers(await resume(file))).toEqual(numbers(whole));
  });

  it("of two calls and a written answer, stopped and resumed, gives the same numbers too", async () => {
    const file = path.join(folder, "two-calls.safetensors");
    const options: Partial<TrainOptions> = {
      ...tiny,
      calls: 2,
      laterLayers: 1,
      output: "text",
      curriculumSteps: 2,
      steps: 6,
      evaluateEvery: 3,
    };
    const whole = await train({ programs }, options);
    const stop = new AbortController();
    const onProgress = ({ step }: { step: number }) => {
      if (step === 4) stop.abort();
    };
    await train({ programs }, options, { checkpoint: file, signal: stop.signal, onProgress });
    const resumed = await resume(file);
    expect(numbers(resumed)).toEqual(numbers(whole));
    expect(resumed.model.write(["double 3"])).toEqual(whole.model.write(["double 3"]));
  });

  it.each(["flashed", "frozen"] as const)(
    "stopped and resumed with %s numerals gives the same numbers",
    async (numerals) => {
      const file = path.join(folder, `${numerals}.safetensors`);
      const whole = await train({ programs }, { ...tiny, numerals });
      const stop = new AbortController();
      await train(
        { programs },
        { ...tiny, numerals },
        {
          checkpoint: file,
          signal: stop.signal,
          onProgress: ({ step }) => {
            if (step === 5) stop.abort();
          },
        },
      );
      expect(numbers(await resume(file))).toEqual(numbers(whole));
    },
  );

  it("ends when nothing gets better, with the best model; stopped and resumed, with the same", async () => {
    const file = path.join(folder, "patient.safetensors");
    const patient = { ...tiny, steps: 60, evaluateEvery: 2, patience: 3 };
    const whole = await train({ programs }, patient);
    expect(whole.outcome).toBe("no better for 3 measurements");
    const { losses, measurements } = whole.history;
    const worth = ({ operands, templates }: (typeof measurements)[number]) => Math.min(operands, templates);
    const best = Math.max(...measurements.map(worth));
    expect(whole.model.step).toBeLessThan(losses.length);
    const kept = measurements.filter(({ step }) => step === whole.model.step);
    expect(kept.map(worth)).toEqual([best]);
    const unseen = heldOutSentences(programs, "held-out operands", whole.options.evaluateSentences, {
      seed: tiny.seed,
    });
    expect(kept).toMatchObject([{ operands: evaluate(whole.model, unseen).accuracy }]);
    // As far as the best measurement, it is the run that has no patience.
    const until = new AbortController();
    const { model } = await train(
      { programs },
      { ...patient, patience: 0 },
      {
        signal: until.signal,
        onProgress: ({ step }) => {
          if (step === whole.model.step) until.abort();
        },
      },
    );
    expect(model.embedding.save()).toEqual(whole.model.embedding.save());

    for (const stopAt of [3, losses.length - 1]) {
      const stop = new AbortController();
      await train({ programs }, patient, {
        checkpoint: file,
        signal: stop.signal,
        onProgress: ({ step }) => {
          if (step === stopAt) stop.abort();
        },
      });
      expect(numbers(await resume(file))).toEqual(numbers(whole));
    }
    expect(numbers(await resume(file))).toEqual(numbers(whole));
  });

  it("says what to do when it diverges, and leaves the last checkpoint as it was", async () => {
    const file = path.join(folder, "diverged.safetensors");
    const wild = { ...tiny, learningRate: 1e36, decayTo: 1, warmUp: 0, checkpointEvery: 1 };
    await expect(train({ programs }, wild)).rejects.toThrow(
      /^training diverged at step \d+: .*The same settings diverge again: begin anew with a lower learning rate \(now 1e\+36\)/,
    );
    await expect(train({ programs }, wild, { checkpoint: file })).rejects.toThrow(
      /diverged\.safetensors still holds step \d+\./,
    );
    const { model, history } = await loadCheckpoint(file);
    expect(model.isFinite).toBe(true);
    expect(history.losses.every(Number.isFinite)).toBe(true);
    await expect(resume(file)).rejects.toThrow(`holds step ${model.step}.`);
  });

  it("logs the same figures whether or not it was stopped", async () => {
    const file = path.join(folder, "logged.safetensors");
    const logged = async (log: string) =>
      (await readFile(path.join(log, "metrics.jsonl"), "utf8"))
        .trim()
        .split("\n")
        .map((line) => ({ ...(JSON.parse(line) as object), time: 0, seconds: 0 }));
    const [straight, broken] = ["straight", "broken"].map((name) => path.join(folder, name));
    const { history } = await train({ programs }, tiny, { log: straight });
    const stop = new AbortController();
    await train({ programs }, tiny, {
      log: broken,
      checkpoint: file,
      signal: stop.signal,
      onProgress: ({ step }) => {
        if (step === 7) stop.abort();
      },
    });
    await resume(file, { log: broken });
    const lines = await logged(straight);
    expect(await logged(broken)).toEqual(lines);
    expect(lines.flatMap((line) => ("loss" in line ? [line.loss] : []))).toEqual(history.losses);
    expect(lines.filter((line) => "operands" in line)).toHaveLength(history.measurements.length);
  });

  it("refuses own sentences whose answer can't be", async () => {
    const labelled = { ...tiny, objective: "calls" } as const;
    await expect(train({ programs, sentences: [{ text: "x 1", answer: 2 }] }, labelled)).rejects.toThrow(
      "own sentences have answers alone",
    );
    await expect(train({ programs, sentences: [{ text: "x 1", answer: 8 }] }, tiny)).rejects.toThrow(
      'own sentence 1, "x 1", has answer 8; answers are whole numbers in 0..7',
    );
    await expect(train({ programs, sentences: [{ text: "double three", answer: 6 }] }, tiny)).rejects.toThrow(
      'own sentence 1, "double three", has no number in digits',
    );
    const long = { text: "twice 1 ".repeat(200), answer: 2 };
    await expect(train({ programs, sentences: [{ text: "x 1", answer: 2 }, long] }, tiny)).rejects.toThrow(
      /own sentence 2, "twice 1 .*…": the text has \d+ tokens; at most 256/,
    );
  });
});

describe("a checkpoint", () => {
  it("refuses damage, other versions and other libraries, saying which", async () => {
    const file = path.join(folder, "checkpoint.safetensors");
    await train({ programs, libraryHash: "abc" }, { ...tiny, steps: 2 }, { checkpoint: file });
    expect((await loadCheckpoint(file, { libraryHash: "abc" })).model.step).toBe(2);
    await expect(loadCheckpoint(file, { libraryHash: "def" })).rejects.toThrow(
      /trained with library abc, and this is library def/,
    );
    const bytes = await readFile(file);
    const { tensors, metadata } = decodeSafetensors(bytes);
    const broken = path.join(folder, "broken.safetensors");
    const sealed = (parts: typeof tensors, about: Record<string, string>) =>
      encodeSafetensors(parts, withDigest(parts, about));
    const refused = async (contents: Uint8Array, message: string | RegExp) => {
      await writeFile(broken, contents);
      await expect(loadCheckpoint(broken)).rejects.toThrow(message);
    };
    await refused(bytes.subarray(0, bytes.length - 3), /is damaged: .*truncated/);
    await refused(
      sealed(tensors, { ...metadata, version: "9" }),
      /checkpoint of version 9; this softmachine reads version \d+/,
    );
    await refused(
      sealed(tensors, { ...metadata, tokenizerSha256: "abc" }),
      'tokenizer "llama3" is not the one that training used',
    );
    await refused(sealed(tensors, { ...metadata, options: "{" }), '"options" is not JSON');
    await refused(sealed(tensors, { ...metadata, step: "x" }), '"step" is not a number');
    await refused(sealed(tensors, { ...metadata, options: "null" }), '"options" is not what it should be');
    await refused(encodeSafetensors(tensors), "is not a checkpoint");
    const flipped = Uint8Array.from(bytes);
    flipped[bytes.length - 9] ^= 1;
    await refused(flipped, "its contents are not what was written");
    const without = new Map(tensors);
    without.delete("dense/norm");
    await refused(sealed(without, metadata), 'has no tensor "dense/norm"');
    const reshaped = new Map(tensors).set("dense/norm", { shape: [2], data: new Float32Array(2) });
    await refused(sealed(reshaped, metadata), 'tensor "dense/norm" has shape [2] instead of [16]');
    await expect(loadCheckpoint(path.join(folder, "none"))).rejects.toThrow("can't read");
  });
});

describe("asking", () => {
  it.each([
    ["", "the text is empty"],
    ["add three and four", "no number in the question"],
    ["add 3 and 8", '"8" can\'t be an operand: those are whole numbers from 0 to 7'],
    ["add -3 and 4", '"-3" can\'t be an operand'],
    ["add 3.5 and 4", '"3.5" can\'t be an operand'],
    ["add 1,000 and 4", '"1,000" can\'t be an operand'],
    ["add 3 and 4 ".repeat(100), "at most 256 can be read"],
    [`${"a".repeat(100_000)} 3`, "the text has 100002 characters; at most 4096"],
  ])("refuses %j", async (text, message) => {
    const { model } = await train({ programs }, { ...tiny, steps: 1 });
    expect(() => ask(model, text)).toThrow(message);
  });

  it("reads a text without numbers the same beside any other", async () => {
    const { model } = await train({ programs }, { ...tiny, steps: 20 });
    const wordy = "double three";
    const operands = (texts: string[]) => Array.from(model.read(texts)[0].calls[0].operands[0]);
    const alone = operands([wordy]);
    expect(alone).toEqual(alone.map(() => alone[0]));
    for (const [i, p] of operands([wordy, "double 5"]).entries()) expect(p).toBeCloseTo(alone[i], 6);
  });

  it("takes numbers with signs between them for operands", async () => {
    const { model } = await train({ programs }, { ...tiny, steps: 1 });
    for (const text of ["7-3", "7 - 3", "max(7,3)", "7, 3"])
      expect(ask(model, text).call.operands.length).toBeGreaterThan(0);
  });
});

describe("options", () => {
  it.each([
    [{ stepz: 3 }, 'unknown training option "stepz" (did you mean "steps"?)'],
    [{ steps: 0 }, '"steps" is 0; it is a whole number from 1 to 100000000'],
    [{ steps: 1.5 }, '"steps" is 1.5'],
    [{ ownShare: 2 }, '"ownShare" is 2; it is a number from 0 to 1'],
    [{ learningRate: Number.NaN }, '"learningRate" is NaN'],
    [{ target: Number.POSITIVE_INFINITY }, '"target" is Infinity; it is a number at least 0'],
    [{ operandHeads: "pointin" }, '"operandHeads" is "pointin"; known: pointing, free (did you mean "pointing"?)'],
    [{ objective: "direct", numerals: "frozen" }, 'objective "direct" calls no library: numerals "frozen"'],
    [{ programChoice: "fitting", objective: "direct" }, 'programChoice "fitting" is for one call'],
    [{ programChoice: "fitting", programHeads: "pointing" }, 'programHeads "pointing"'],
    [{ programChoice: "fitting", calls: 2 }, "calls is 2"],
    [{ hidden: 1e9 }, '"hidden" is 1000000000'],
    [{ hidden: 7 }, "hidden 7 doesn't divide into 4 heads"],
    [{ hidden: 4096, layers: 64 }, /makes [\d,]+ parameters; at most 67,108,864 fit/],
    [{ evaluateSentences: 1e12 }, '"evaluateSentences" is 1000000000000'],
    [{ backend: "gpu" }, '"backend" is "gpu"; known: auto'],
  ])("that can't be are refused: %j", (wrong, message) => {
    expect(() => completeOptions(wrong as Partial<TrainOptions>)).toThrow(message);
  });

  it.each<Partial<TrainOptions>>([
    {},
    { objective: "direct" },
    { operandHeads: "free" },
    { encoder: "some/folder", embeddings: "untied" },
    { output: "text" },
  ])("of two calls have defaults of their own beside %j", (given) => {
    const { laterLayers, layers, steps } = completeOptions({ ...given, calls: 2, steps: 5 });
    expect({ laterLayers, layers, steps }).toEqual({ laterLayers: 1, layers: 4, steps: 5 });
  });
});
