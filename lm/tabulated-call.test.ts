import type { Scalar, Tensor } from "@tensorflow/tfjs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { TabulatedProgram } from "../machine/index.js";
import { useBackend } from "../tensor/index.js";
import { answerLoss, answerProbability, CallTable, callAnswers } from "./tabulated-call.js";

const n = 4;

/** Any tables modulo 4: one, two and three operands. */
const programs = fc
  .tuple(
    ...[1, 2, 3].map((operands) => fc.array(fc.nat(n - 1), { minLength: n ** operands, maxLength: n ** operands })),
  )
  .map((tables) =>
    tables.map(
      (values, i): TabulatedProgram => ({ name: `p${i}`, operands: i + 1, n, values: Uint16Array.from(values) }),
    ),
  );

/** `count` distributions over `size` values, one after the other. */
const distributions = (count: number, size: number) =>
  fc.array(fc.integer({ min: 1, max: 50 }), { minLength: count * size, maxLength: count * size }).map((weights) =>
    Float32Array.from(weights, (weight, i) => {
      const from = i - (i % size);
      return weight / weights.slice(from, from + size).reduce((sum, w) => sum + w, 0);
    }),
  );

/** P(y) by the definition, all tuples of all programs. */
function byDefinition(tables: readonly TabulatedProgram[], choice: ArrayLike<number>, p: ArrayLike<number>): number[] {
  const answers = new Array<number>(n).fill(0);
  tables.forEach(({ operands, values }, k) => {
    values.forEach((y, index) => {
      let weight = choice[k];
      for (let slot = operands - 1, rest = index; slot >= 0; slot--, rest = Math.floor(rest / n)) {
        weight *= p[slot * n + (rest % n)];
      }
      answers[y] += weight;
    });
  });
  return answers;
}

describe("a tabulated call", () => {
  it("gives the answers' distribution", () => {
    fc.assert(
      fc.property(programs, distributions(1, 3), distributions(3, n), (tables, choice, p) => {
        const answers = new CallTable(tables).answers(choice, p);
        byDefinition(tables, choice, p).forEach((expected, y) => {
          expect(answers[y]).toBeCloseTo(expected, 6);
        });
        expect(answers.reduce((sum, x) => sum + x, 0)).toBeCloseTo(1, 5);
      }),
    );
  });

  it("has the loss and the gradient of the definition", async () => {
    const tf = await useBackend("cpu");
    fc.assert(
      fc.property(
        programs,
        distributions(2, 3),
        distributions(6, n),
        fc.array(fc.nat(n - 1), { minLength: 2, maxLength: 2 }),
        (tables, choice, operands, answers) => {
          const reference = (c: ArrayLike<number>, p: ArrayLike<number>) =>
            answers.reduce((sum, answer, i) => {
              const row = byDefinition(tables, Array.from(c).slice(i * 3), Array.from(p).slice(i * 3 * n));
              return sum - Math.log(row[answer]) / answers.length;
            }, 0);
          // An answer that no program can give has no finite loss.
          fc.pre(answers.every((answer) => tables.some(({ values }) => values.includes(answer))));
          const table = new CallTable(tables);
          const { value, grads } = tf.valueAndGrads((c, p) => answerLoss(tf, table, c, p, answers))([
            tf.tensor(choice, [2, 3]),
            tf.tensor(operands, [2, 3, n]),
          ]);
          expect(value.dataSync()[0]).toBeCloseTo(reference(choice, operands), 4);
          const h = 1e-4;
          const check = (exact: ArrayLike<number>, moved: (i: number, by: number) => number) => {
            for (let i = 0; i < exact.length; i++) {
              const numeric = (moved(i, h) - moved(i, -h)) / (2 * h);
              expect(Math.abs(exact[i] - numeric)).toBeLessThan(1e-3 * (1 + Math.abs(numeric)));
            }
          };
          const move = (array: ArrayLike<number>, i: number, by: number) =>
            Float64Array.from(array, (x, j) => (i === j ? x + by : x));
          check(grads[0].dataSync(), (i, by) => reference(move(choice, i, by), operands));
          check(grads[1].dataSync(), (i, by) => reference(choice, move(operands, i, by)));
        },
      ),
      { numRuns: 25 },
    );
  });

  it("has the answers and probabilities of the definition as ops, with its gradients", async () => {
    const tf = await useBackend("cpu");
    fc.assert(
      fc.property(
        programs,
        distributions(2, 3),
        distributions(6, n),
        fc.array(fc.nat(5), { minLength: 2 * n, maxLength: 2 * n }),
        (tables, choice, operands, weights) => {
          const table = new CallTable(tables);
          const rows = (c: ArrayLike<number>, p: ArrayLike<number>) =>
            [0, 1].map((i) => byDefinition(tables, Array.from(c).slice(i * 3), Array.from(p).slice(i * 3 * n)));
          const move = (array: ArrayLike<number>, i: number, by: number) =>
            Float64Array.from(array, (x, j) => (i === j ? x + by : x));
          const check = (
            op: (c: Tensor, p: Tensor) => Tensor,
            reference: (c: ArrayLike<number>, p: ArrayLike<number>) => number,
          ) => {
            const { value, grads } = tf.valueAndGrads((c, p) => tf.sum(op(c, p)) as Scalar)([
              tf.tensor(choice, [2, 3]),
              tf.tensor(operands, [2, 3, n]),
            ]);
            expect(value.dataSync()[0]).toBeCloseTo(reference(choice, operands), 4);
            const h = 1e-4;
            grads[0].dataSync().forEach((exact, i) => {
              const numeric =
                (reference(move(choice, i, h), operands) - reference(move(choice, i, -h), operands)) / (2 * h);
              expect(Math.abs(exact - numeric)).toBeLessThan(1e-3 * (1 + Math.abs(numeric)));
            });
            grads[1].dataSync().forEach((exact, i) => {
              const numeric =
                (reference(choice, move(operands, i, h)) - reference(choice, move(operands, i, -h))) / (2 * h);
              expect(Math.abs(exact - numeric)).toBeLessThan(1e-3 * (1 + Math.abs(numeric)));
            });
          };
          check(
            (c, p) => tf.mul(callAnswers(tf, table, c, p), tf.tensor(weights, [2, n])),
            (c, p) =>
              rows(c, p)
                .flat()
                .reduce((sum, x, i) => sum + x * weights[i], 0),
          );
          const answers = [1, 2];
          check(
            (c, p) => tf.mul(answerProbability(tf, table, c, p, answers), tf.tensor([3, 5])),
            (c, p) => rows(c, p).reduce((sum, row, i) => sum + [3, 5][i] * row[answers[i]], 0),
          );
        },
      ),
      { numRuns: 15 },
    );
  });

  it("composes exactly where distributions are certain", async () => {
    const tf = await useBackend("cpu");
    const certain = (at: number, size: number) => Array.from({ length: size }, (_, i) => (i === at ? 1 : 0));
    fc.assert(
      fc.property(
        programs,
        fc.nat(2),
        fc.nat(2),
        fc.array(fc.nat(n - 1), { minLength: 5, maxLength: 5 }),
        (tables, j, k, x) => {
          const table = new CallTable(tables);
          const answersOf = (program: number, slots: number[][]) =>
            callAnswers(tf, table, tf.tensor2d([certain(program, 3)]), tf.tensor3d([slots]));
          const slots = x.map((value) => certain(value, n));
          const first = Array.from(answersOf(j, slots.slice(0, 3)).dataSync());
          const second = Array.from(answersOf(k, [first, slots[3], slots[4]]).dataSync());
          const run = (program: number, operands: number[]) =>
            tables[program].values[operands.slice(0, program + 1).reduce((index, operand) => index * n + operand, 0)];
          expect(second).toEqual(certain(run(k, [run(j, x), x[3], x[4]]), n));
        },
      ),
    );
  });

  it("has a finite loss for an answer that is impossible", async () => {
    const tf = await useBackend("cpu");
    const table = new CallTable([{ name: "zero", operands: 1, n: 2, values: Uint16Array.of(0, 0) }]);
    const loss = answerLoss(tf, table, tf.tensor2d([[1]]), tf.tensor3d([[[0.5, 0.5]]]), [1]);
    expect(loss.dataSync()[0]).toBeGreaterThan(20);
    expect(loss.dataSync()[0]).toBeLessThan(100);
  });

  it.each([
    ["no programs", [], "there are no programs"],
    [
      "two moduli",
      [
        ["a", 1, 2, [0, 1]],
        ["b", 1, 3, [0, 1, 2]],
      ],
      '"b" is tabulated modulo 3, others modulo 2',
    ],
    [
      "one name twice",
      [
        ["a", 1, 2, [0, 1]],
        ["a", 1, 2, [0, 1]],
      ],
      'two programs are named "a"',
    ],
    ["a short table", [["a", 2, 2, [0, 1, 0]]], 'the table of "a" has 3 answers'],
    ["an answer outside", [["a", 1, 2, [0, 2]]], "answer 2, outside 0..1"],
    ["too many operands", [["a", 4, 1, [0]]], '"a" takes 4 operands'],
  ] as [string, [string, number, number, number[]][], string][])("refuses %s", (_, rows, message) => {
    const tables = rows.map(([name, operands, modulus, values]) => ({
      name,
      operands,
      n: modulus,
      values: Uint16Array.from(values),
    }));
    expect(() => new CallTable(tables)).toThrow(message);
  });
});
