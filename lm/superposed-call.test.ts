import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Selection, selectionForms } from "../library/index.js";
import { oneHot, randomDistributions, seededRandom } from "../machine/index.js";
import { type TensorFlowModule, useBackend } from "../tensor/index.js";
import { fibonacciDepth, fibonacciLibrary, fibonacciName } from "./fibonacci-by-depth.js";
import { completeOptions, type TrainOptions } from "./options.js";
import { SuperposedCall, superposedCall, superposedLoss } from "./superposed-call.js";
import { dataOf, resume, type TrainResult, train } from "./train.js";

const n = 8;
const library = await fibonacciLibrary({ n, depths: [2, 3], others: ["increment", "subtract"] });
const names = ["increment", "subtract", fibonacciName(2), fibonacciName(3)];
const data = dataOf(library, names);
const slots = 2;

let tf: TensorFlowModule;
let folder = "";
beforeAll(async () => {
  tf = await useBackend("wasm");
  folder = await mkdtemp(path.join(tmpdir(), "softmachine-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe.each(selectionForms)("a superposed call by %s", (selection) => {
  const call = new SuperposedCall(data.code, { selection, machineSteps: 0 });
  const answersOf = (choice: ArrayLike<number>, operands: ArrayLike<number>) =>
    tf.tidy(() => {
      const batch = choice.length / names.length;
      const p = tf.tensor(Float32Array.from(choice), [batch, names.length]);
      const q = tf.tensor(Float32Array.from(operands), [batch, slots, n]);
      return call.answers(tf, p, q).dataSync<"float32">();
    });

  it("of certain operands and a certain choice is exactly the program's answer", () => {
    const pairs = Array.from({ length: n * n }, (_, i) => [Math.floor(i / n), i % n]);
    data.programs.forEach(({ values, operands }, k) => {
      const choice = oneHot(new Array<number>(n * n).fill(k), names.length);
      const expected = pairs.map(([a, b]) => values[operands === 1 ? a : a * n + b]);
      expect(answersOf(choice, oneHot(pairs.flat(), n))).toEqual(Float32Array.from(oneHot(expected, n)));
    });
  });

  it("of uncertain ones is what the library's selection answers", () => {
    const random = seededRandom(3);
    const choice = Float64Array.from(randomDistributions(3, names.length, random));
    const operands = Float64Array.from(randomDistributions(3 * slots, n, random));
    const { answers } = new Selection(library, names).run(choice, operands, 3, {
      form: selection,
      steps: call.steps,
    });
    answersOf(choice, operands).forEach((p, i) => {
      expect(p).toBeCloseTo(answers[i], 5);
    });
  });

  it("has the gradient of its loss that central differences have", () => {
    const random = seededRandom(5);
    const [p, q] = [randomDistributions(2, names.length, random), randomDistributions(2 * slots, n, random)];
    const given = [Float32Array.from(p), Float32Array.from(q)] as const;
    const loss = (choice: Float32Array, operands: Float32Array) =>
      tf.tidy(() => {
        const [value, gradient] = ((): [number, Float32Array[]] => {
          const result = tf.valueAndGrads((a, b) => superposedLoss(tf, call.answers(tf, a, b), [3, 6]))([
            tf.tensor(choice, [2, names.length]),
            tf.tensor(operands, [2, slots, n]),
          ]);
          return [result.value.dataSync()[0], result.grads.map((grad) => grad.dataSync<"float32">().slice())];
        })();
        return { value, gradient };
      });
    const exact = loss(...given).gradient;
    const h = 4e-3;
    // Along directions that keep sums: a run is renormalised.
    given.forEach((array, part) => {
      const width = part === 0 ? names.length : n;
      for (let at = 0; at < array.length; at++) {
        const other = Math.floor(at / width) * width + ((at + 1) % width);
        const moved = (by: number) => {
          const copies = given.map((each) => each.slice());
          copies[part][at] += by;
          copies[part][other] -= by;
          return loss(copies[0], copies[1]).value;
        };
        const numeric = (moved(h) - moved(-h)) / (2 * h);
        const slope = exact[part][at] - exact[part][other];
        expect(Math.abs(slope - numeric), `${part}[${at}]: ${slope}, ${numeric}`).toBeLessThan(
          3e-3 + 0.02 * Math.abs(numeric),
        );
      }
    });
  });

  it("leaves no tensors behind", () => {
    const before = tf.memory().numTensors;
    answersOf(oneHot([1], names.length), oneHot([3, 2], n));
    expect(tf.memory().numTensors).toBe(before);
  });

  it("trains a model, and resumed gives the same numbers", async () => {
    const options: Partial<TrainOptions> = {
      ...{ backend: "wasm", hidden: 16, heads: 2, keyValueHeads: 1, feedForward: 24, batch: 8, steps: 8, warmUp: 3 },
      ...{ curriculumSteps: 6, evaluateEvery: 4, evaluateSentences: 8, checkpointEvery: 5, seed: 5, target: 2 },
      ...{ execution: "superposition", selection },
    };
    const numbers = ({ model, history, outcome }: TrainResult) => [
      outcome,
      ...[history.losses, history.measurements, new Map(model.dense), model.embedding.save(), model.numerals.save()],
    ];
    const whole = await train(data, options);
    const file = path.join(folder, "superposed.safetensors");
    const stop = new AbortController();
    const stopped = await train(data, options, {
      checkpoint: file,
      signal: stop.signal,
      onProgress: ({ step }) => {
        if (step === 3) stop.abort();
      },
    });
    expect(stopped.model.step).toBe(3);
    const resumed = await resume(file);
    expect(resumed.model.superposed?.code).toEqual(data.code);
    expect(numbers(resumed)).toEqual(numbers(whole));
    const tabulated = await train(data, { ...options, execution: "tabulated" });
    expect(tabulated.history.losses).not.toEqual(whole.history.losses);
  });
});

describe("superposition", () => {
  it("takes as many steps as the longest run, or as it is told", () => {
    const options = completeOptions({ execution: "superposition" });
    const steps = superposedCall(options, data.programs, data.code)?.steps ?? 0;
    // Eight a depth.
    const [shallower] = [superposedCall(options, data.programs.slice(0, 3), data.code)?.steps ?? 0];
    expect(steps - shallower).toBe(8);
    expect(superposedCall({ ...options, machineSteps: 5 }, data.programs, data.code)?.steps).toBe(5);
    expect(superposedCall({ ...options, execution: "tabulated" }, data.programs, undefined)).toBeUndefined();
  });

  it("refuses programs of which it has no assembly", () => {
    const options = completeOptions({ execution: "superposition" });
    expect(() => superposedCall(options, data.programs, undefined)).toThrow("takes the programs' assembly");
    const { programs } = data.code;
    expect(() => superposedCall(options, data.programs, { ...data.code, programs: programs.slice(1) })).toThrow(
      'there is no assembly of program "increment"',
    );
    expect(() => superposedCall(options, data.programs, { ...data.code, n: 9 })).toThrow(
      'program "increment" is tabulated modulo 8, its assembly is for values modulo 9',
    );
  });
});

describe("fibonacci by depth", () => {
  it("is the sequence from two terms, modulo n", () => {
    const { values } = library.table(fibonacciName(3));
    for (let a = 0; a < n; a++) for (let b = 0; b < n; b++) expect(values[a * n + b]).toBe((a + 2 * b) % n);
  });

  it("knows its programs by name", () => {
    expect(fibonacciDepth("fibonacci-of-depth-10")).toBe(10);
    expect(fibonacciDepth("fibonacci")).toBeUndefined();
  });

  it("refuses a depth or a program that is none", async () => {
    await expect(fibonacciLibrary({ n, depths: [1.5] })).rejects.toThrow("a whole number from 0, not 1.5");
    await expect(fibonacciLibrary({ n, depths: [1], others: ["ad"] })).rejects.toThrow('has no program "ad"');
  });
});
