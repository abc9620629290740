import { describe, expect, it } from "vitest";
import { callWays, minimalNetwork, minimalNetworkChart } from "./index.js";
import { parseMarkup } from "./testing.js";

const options = { depths: [1, 6], seeds: [1, 2], n: 8, trainingSteps: 250, batch: 32, rate: 0.05 };

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
    for (const { accuracy, loss } of rows) {
      expect(accuracy).toBe(1);
      expect(loss).toBeLessThan(0.1);
    }
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
