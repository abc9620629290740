import { expect, test, vi } from "vitest";
import { differences } from "./fuzz/differences.js";
import { Disagreement } from "./fuzz/outcomes.js";
import { fuzz, main } from "./fuzz.js";

const seed = Number(process.env.SOFTMACHINE_SEED ?? 2026);

test("random programs come to the same in every way there is to run them", async () => {
  const { programs, tally, failure } = await fuzz({ programs: 200, seed });
  expect(failure).toBeUndefined();
  expect(programs).toBe(200);
  for (const what of [
    "evaluate and the reference, ieee",
    "evaluate and the reference, strict",
    "batch and evaluate, float64",
    "batch and evaluate, float32",
    "of them by a kernel",
    "batchGradient and gradient, float64",
    "batchGradient and gradient, float32",
    "forward and reverse",
    "reverse and central differences",
    "slopes and those of the operations of a run",
    "hessian and its transpose",
    "exact machine and reference",
  ])
    expect(tally.compared[what], what).toBeGreaterThan(10);
});

test("what differs is shown with its seed and the shrunk program, and found again by the seed", async () => {
  const check = ({ source }: { source: string }) => {
    if (source.includes("(sqrt ")) throw new Disagreement("a square root");
  };
  const { programs, failure = "" } = await fuzz({ programs: 1000, seed, check });
  expect(programs).toBeLessThan(1000);
  expect(failure).toContain("a square root");
  const [, again, count] = failure.match(/--seed (\d+) --programs (\d+)/) ?? [];
  expect((await fuzz({ programs: Number(count), seed: Number(again), check })).failure).toBe(failure);
  const [, source = ""] = failure.split("\n");
  expect(source).toMatch(/^\(sqrt .{1,2}\)$/);
});

test("fuzzing ends when it is told to", async () => {
  const { programs } = await fuzz({ programs: 1000, seed, check: () => {}, proceed: (done) => done < 40 });
  expect(programs).toBe(40);
});

test("differences give the slope of a smooth function, and nothing at a kink or a jump", () => {
  const close = differences((h) => Math.exp(3 * (1 + h)));
  expect(close?.slope).toBeCloseTo(3 * Math.exp(3), 6);
  expect(close?.error).toBeLessThan(1e-3);
  expect(differences(Math.abs)).toBeUndefined();
  expect(differences((h) => Math.abs(h - 1e-7))).toBeUndefined();
  expect(differences((h) => (h > 1e-4 ? 1 : 0))).toBeUndefined();
  expect(differences((h) => (h === 0 ? 1 : 0))).toBeUndefined();
  expect(differences((h) => Math.sqrt(h))).toBeUndefined();
});

test("options that make no sense are refused", async () => {
  const status = process.exitCode;
  const complain = vi.spyOn(console, "error").mockImplementation(() => {});
  await main(["--programs", "many"]);
  expect(complain).toHaveBeenCalledWith(expect.stringContaining("usage: npm run fuzz"));
  complain.mockRestore();
  expect(process.exitCode).toBe(2);
  process.exitCode = status;
});
