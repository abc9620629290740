import { describe, expect, it } from "vitest";
import { instructionCount } from "../assembler/index.js";
import { CircuitAlu, seededRandom, TableAlu } from "../machine/index.js";
import { drawLessons } from "./digit-lessons.js";
import {
  distributionsOf,
  type NetworkShape,
  newLogits,
  operandsGradient,
  operandsOf,
  partNames,
  type Questions,
  throughSoftmax,
} from "./digit-network.js";
import { type TablesAndCircuitsOptions, tablesAndCircuits } from "./tables-and-circuits.js";
import { tablesAndCircuitsChart } from "./tables-and-circuits-chart.js";
import { parseMarkup } from "./testing.js";

describe("tables against circuits", () => {
  const options: TablesAndCircuitsOptions = {
    seeds: [1],
    length: 2,
    questions: 2048,
    heldOut: 128,
    epochs: 4,
    rates: [0.05],
  };
  const result = tablesAndCircuits(options);

  it("learns with tables what circuits then do on numbers of any width", () => {
    const accuracyOf = (trainedWith: string, runWith: string) =>
      result.rows.filter((row) => row.trainedWith === trainedWith && row.runWith === runWith);
    expect(accuracyOf("table", "table").map(({ certain }) => certain)).toEqual([1]);
    const swapped = accuracyOf("table", "circuit");
    expect(swapped.map(({ bits, certain }) => [bits, certain])).toEqual([
      [4, 1],
      [16, 1],
      [32, 1],
    ]);
    const circuits = accuracyOf("circuit", "circuit");
    for (const [i, { certain }] of circuits.entries()) expect(certain).toBeLessThan(swapped[i].certain);
    for (const { certain } of accuracyOf("table, then circuit", "circuit")) expect(certain).toBe(1);
  });

  it("learns sooner with tables", () => {
    const [table, circuit] = result.curves;
    expect([table.trainedWith, circuit.trainedWith]).toEqual(["table", "circuit"]);
    expect(table.accuracy).toHaveLength(5);
    expect(table.accuracy[2]).toBeGreaterThan(0.95);
    expect(circuit.accuracy[2]).toBeLessThan(table.accuracy[2]);
    expect(table.loss[3]).toBeLessThan(table.loss[0]);
  });

  it("gives one result for one seed, and another for another", () => {
    const small = { ...options, questions: 128, epochs: 1, heldOut: 32 };
    expect(tablesAndCircuits(small)).toEqual(tablesAndCircuits(small));
    expect(tablesAndCircuits({ ...small, seeds: [2] }).rows).not.toEqual(tablesAndCircuits(small).rows);
  });

  it("asks nothing in a test, or to validate with, that it has asked before", () => {
    const { learned, validation, tests } = drawLessons(3, 512, 64, [2, 8]);
    const names = [learned, validation, tests[0]].map(({ questions: { count, length, tasks, signs } }) =>
      Array.from({ length: count }, (_, i) => `${tasks[i]} ${signs.subarray(i * 3 * length, (i + 1) * 3 * length)}`),
    );
    expect(names.map(({ length }) => length)).toEqual([512, 64, 64]);
    const sets = names.map((some) => new Set(some));
    expect(new Set(names.flat()).size).toBe(sets[0].size + sets[1].size + sets[2].size);
    expect(() => drawLessons(1, 20_000, 64, [1])).toThrow("too few numbers of 1 digits");
  });

  it("chooses a rate on validation questions, with networks that it does not report", () => {
    const small = { ...options, questions: 512, epochs: 2, heldOut: 64, rates: [1e-4, 0.05] } as const;
    const { rows, tried, choosingSeeds } = tablesAndCircuits(small);
    expect(tried.map(({ trainedWith, rate, chosen }) => [trainedWith, rate, chosen])).toEqual(
      ["table", "circuit", "table, then circuit"].flatMap((way) => [
        [way, 1e-4, false],
        [way, 0.05, true],
      ]),
    );
    for (const { seed, rate } of rows) {
      expect(rate).toBe(0.05);
      expect(choosingSeeds).not.toContain(seed);
    }
    expect(result.tried).toEqual([]);
  });

  it("draws what was learned", async () => {
    const svg = await tablesAndCircuitsChart(result);
    expect(parseMarkup(svg)[0].name).toBe("svg");
    for (const text of ["epoch", "table, then circuits"]) expect(svg).toContain(text);
  });
});

describe("the network around the ALU", () => {
  const shape: NetworkShape = { base: 4, tasks: 2, slots: 3 };

  it.each([new TableAlu(16), new CircuitAlu(4)])("has the gradients of what it gives the ALU ($encoding)", (alu) => {
    const random = seededRandom(6);
    const logits = newLogits(shape, random);
    const count = 3;
    const draw = (length: number, most: number) => Uint8Array.from({ length }, () => Math.floor(random() * most));
    const questions: Questions = { count, length: 2, tasks: draw(count, 2), signs: draw(count * 3 * 2, 4) };
    const weights = (length: number) => Float64Array.from({ length }, () => random() - 0.5);
    const g = {
      first: weights(count * alu.width),
      second: weights(count * alu.width),
      weights: weights(count * instructionCount),
    };
    const given = () => operandsOf(distributionsOf(logits, shape, false), shape, questions, alu);
    const loss = (): number => {
      const operands = given();
      return (["first", "second", "weights"] as const).reduce(
        (total, part) => total + operands[part].reduce((sum, x, i) => sum + x * g[part][i], 0),
        0,
      );
    };
    const p = distributionsOf(logits, shape, false);
    const gradient = operandsGradient(p, shape, questions, alu, given(), g);
    throughSoftmax(p, gradient, shape);
    for (const part of partNames) {
      logits[part].forEach((value, i) => {
        logits[part][i] = value + 1e-5;
        const above = loss();
        logits[part][i] = value - 1e-5;
        const slope = (above - loss()) / 2e-5;
        logits[part][i] = value;
        expect(gradient[part][i]).toBeCloseTo(slope, 7);
      });
    }
  });
});
