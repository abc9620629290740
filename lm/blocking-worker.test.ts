import { describe, expect, it } from "vitest";
import { BlockingWorker } from "./blocking-worker.js";

const later = "await new Promise((resolve) => setTimeout(resolve, 5));";

describe("a worker that is waited for", () => {
  it("answers asynchronous work to a caller that is not, one question after another", async () => {
    const worker = await BlockingWorker.start<number[], Float32Array>({
      source: `async (factor) => async (numbers) => { ${later} return Float32Array.from(numbers, (x) => factor * x); }`,
      data: 3,
    });
    for (let round = 0; round < 20; round++) {
      expect(worker.ask([1, 2, round])).toEqual(Float32Array.of(3, 6, 3 * round));
    }
  });

  it("says what went wrong, and goes on", async () => {
    const worker = await BlockingWorker.start<number, number>({
      source: `async () => async (x) => { ${later} if (x < 0) throw new Error("below zero: " + x); return Math.sqrt(x); }`,
      data: undefined,
    });
    expect(() => worker.ask(-4)).toThrow("below zero: -4");
    expect(worker.ask(9)).toBe(3);
  });

  it("that can't be set up is refused with its reason", async () => {
    await expect(
      BlockingWorker.start({ source: 'async () => { throw new Error("no such model"); }', data: 0 }),
    ).rejects.toThrow("no such model");
    await expect(BlockingWorker.start({ source: "this is no source", data: 0 })).rejects.toThrow();
    await expect(BlockingWorker.start({ source: "async () => process.exit()", data: 0 })).rejects.toThrow("it ended");
  });
});
