import { describe, expect, it } from "vitest";
import { callWays, isBetter, type MinimalNetworkOptions, minimalNetwork, minimalNetworkChart } from "./index.js";
import { splitOf } from "./minimal-network-training.js";
import { parseMarkup } from "./testing.js";

const form = { n: 8, trainingSteps: 250, batch: 32 };
const options: MinimalNetworkOptions = {
  ...form,
  depths: [1, 6],
  seeds: [1, 2],
  candidates: [{ rate: 0.05, spread: 0.1 }],
};

describe("the minimal network", () => {
  const result = minimalNetwork(options);
  const [shallow, deep] = result.measurements;

  it("learns to route by tabulated calls at each depth", () => {
    const rows = result.rows.filter(({ way }) => way === "tabulated call");
    expect(rows.map(({ depth, seed }) => [depth, seed])).toEqual([
      [1, 1],
      [1, 2],
      [6, 1],
      [6, 2],
    ]);
    for (const { accuracy, loss, validation, step } of rows) {
      expect(accuracy).toBe(1);
      expect(loss).toBeLessThan(0.2);
      expect(validation.accuracy).toBe(1);
      expect(step).toBeGreaterThan(0);
    }
  });

  it("tests on pairs of terms that no choice has seen", () => {
    const splits = [1, 2, 2001].map((seed) => splitOf(8, seed));
    for (const { training, validation, test } of splits) {
      expect(test).toEqual(splits[0].test);
      expect(new Set([...training, ...validation, ...test]).size).toBe(64);
      expect([training.length, validation.length, test.length]).toEqual([36, 12, 16]);
    }
    expect(splits[1].training).not.toEqual(splits[0].training);
    const { questions } = result;
    expect(questions).toEqual({ training: 36, validation: 12, test: 16 });
  });

  it("chooses settings on validation questions, with networks that it does not report", () => {
    const candidates: MinimalNetworkOptions["candidates"] = [
      { rate: 1e-6, spread: 0.1 },
      { rate: 0.05, spread: 0.1 },
    ];
    const counts: number[] = [];
    const chosen = minimalNetwork({
      ...form,
      candidates,
      depths: [1],
      seeds: [1],
      onNetwork: ({ trained, networks }) => counts.push(networks - trained),
    });
    expect(counts).toEqual(Array.from({ length: 14 }, (_, i) => 13 - i));
    for (const way of callWays) {
      const [slow, fast, ...more] = chosen.tried.filter((tried) => tried.way === way);
      expect(more).toEqual([]);
      expect(isBetter(fast.validation, slow.validation)).toBe(true);
      expect([slow.chosen, fast.chosen]).toEqual([false, true]);
    }
    for (const { seed, rate } of chosen.rows) {
      expect(rate).toBe(0.05);
      expect(chosen.choosingSeeds).not.toContain(seed);
    }
    expect(result.tried).toEqual([]);
  });

  it("prefers the smaller rate among settings that are as accurate", () => {
    const candidates: MinimalNetworkOptions["candidates"] = [
      { rate: 0.1, spread: 0.1 },
      { rate: 0.05, spread: 0.1 },
    ];
    const { tried } = minimalNetwork({ ...form, candidates, depths: [1], seeds: [] });
    const [fast, slow] = tried.filter(({ way }) => way === "tabulated call");
    expect([fast.validation.accuracy, slow.validation.accuracy]).toEqual([1, 1]);
    expect(fast.validation.loss).toBeLessThan(slow.validation.loss);
    expect([fast.chosen, slow.chosen]).toEqual([false, true]);
  });

  it("starts again where validation questions are answered wrong, and keeps the best start", () => {
    const from = (starts: number) => minimalNetwork({ ...options, depths: [6], seeds: [1, 2, 3], starts }).rows;
    const [once, thrice] = [from(1), from(3)];
    thrice.forEach(({ starts, ...row }, i) => {
      const { starts: first, ...single } = once[i];
      expect(first).toBe(1);
      if (single.validation.accuracy === 1) expect([starts, row]).toEqual([1, single]);
      else {
        if (row.validation.accuracy < 1) expect(starts).toBe(3);
        expect(starts).toBeGreaterThan(1);
        expect(isBetter(single.validation, row.validation)).toBe(false);
      }
    });
    expect(thrice.some(({ validation }, i) => isBetter(validation, once[i].validation))).toBe(true);
    expect(thrice.some(({ starts }) => starts === 1)).toBe(true);
  });

  it("gets little of a gradient through a deep superposition", () => {
    expect(shallow.steps).toBeLessThan(deep.steps);
    expect(deep.gradientNorm.superposition).toBeLessThan(shallow.gradientNorm.superposition / 5);
    expect(deep.gradientNorm["tabulated call"]).toBeGreaterThan(shallow.gradientNorm["tabulated call"] / 3);
    for (const { cosine, variation } of result.measurements) {
      expect(Math.abs(cosine)).toBeLessThanOrEqual(1 + 1e-6);
      expect(variation).toBeGreaterThan(0.1);
      expect(variation).toBeLessThan(1);
    }
  });

  it("is the same from the same seed", () => {
    const some = { ...options, depths: [1], seeds: [2], trainingSteps: 20 };
    expect(minimalNetwork(some)).toEqual(minimalNetwork(some));
    expect(minimalNetwork({ ...some, seeds: [1] }).rows).not.toEqual(minimalNetwork(some).rows);
  });

  it("is drawn", async () => {
    const svg = await minimalNetworkChart(result);
    parseMarkup(svg);
    for (const text of [...callWays, "superposition, in the paper"]) expect(svg).toContain(`>${text}</text>`);
  });
});
