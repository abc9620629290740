import { describe, expect, it } from "vitest";
import { gradientsByDepth, parsedTerms } from "./index.js";

const n = 16;
const depths = [1, 2, 3, 6, 10];

describe("gradients by depth", () => {
  const unsure = gradientsByDepth(parsedTerms(n, 12, { right: 0.4, other: 0.3 }), depths);

  it("are the same both ways while no register depends on another, and differ from then on", () => {
    expect(unsure.map(({ depth }) => depth)).toEqual(depths);
    expect(unsure.map(({ steps }) => steps)).toEqual(depths.map((depth) => 8 * depth + 3));
    for (const { gradientNorm, cosine, variation, loss } of unsure.slice(0, 2)) {
      expect(cosine).toBeCloseTo(1, 5);
      expect(variation).toBeLessThan(1e-5);
      expect(gradientNorm.superposition).toBeCloseTo(gradientNorm["tabulated call"], 4);
      expect(loss.superposition).toBeCloseTo(loss["tabulated call"], 5);
    }
    for (const { cosine, variation } of unsure.slice(2)) {
      expect(cosine).toBeLessThan(0.99);
      expect(variation).toBeGreaterThan(0.05);
    }
  });

  it("vanish with the depth in superposition, and not by tabulated calls", () => {
    const [first, last] = [unsure[0], unsure[depths.length - 1]].map(({ gradientNorm }) => gradientNorm);
    expect(last.superposition).toBeLessThan(0.05 * first.superposition);
    expect(last["tabulated call"]).toBeGreaterThan(0.2 * first["tabulated call"]);
  });

  it("are of a loss of zero where the parse is certain", () => {
    for (const { loss, variation } of gradientsByDepth(parsedTerms(n, 4, { right: 1, other: 0 }), depths)) {
      expect(variation).toBe(0);
      expect(loss).toEqual({ superposition: 0, "tabulated call": 0 });
    }
  });

  it("are what central differences are", () => {
    const given = parsedTerms(4, 2, { right: 0.5, other: 0.3 });
    const [exact] = gradientsByDepth(given, [3]);
    const h = 1e-4;
    let squares = 0;
    for (let row = 0; row < 4; row++) {
      const slopes = Array.from({ length: 4 }, (_, value) => {
        const loss = (by: number) => {
          const distributions = given.distributions.slice();
          // Along what keeps the sum: the value up, all of them down.
          for (let i = 0; i < 4; i++) distributions[row * 4 + i] += (i === value ? by : 0) - by / 4;
          return gradientsByDepth({ ...given, distributions }, [3])[0].loss["tabulated call"];
        };
        return (loss(h) - loss(-h)) / (2 * h);
      });
      squares += slopes.reduce((sum, slope) => sum + slope * slope, 0);
    }
    expect(exact.gradientNorm["tabulated call"]).toBeCloseTo(Math.sqrt(squares), 4);
  });

  it("refuses distributions of another shape", () => {
    expect(() => gradientsByDepth({ ...parsedTerms(4, 2, { right: 1, other: 0 }), n: 5 }, [1])).toThrow(
      "4 terms have 20 probabilities, not 16",
    );
  });
});
