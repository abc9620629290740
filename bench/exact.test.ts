import { expect, test } from "vitest";
import { compile } from "../direct/index.js";
import { SoftmachineError } from "../scheme/index.js";
import { aimOf, aims, best, type Timing, timed } from "./exact.js";
import { startPeers } from "./peers.js";
import { largePrograms, loopPrograms, smallPrograms, spread } from "./programs.js";

const [add] = smallPrograms;

test("a program is timed, prepared and plain, with and without its gradient", async () => {
  const { program, rows, value, gradient } = await timed(add, "float32", 100, undefined, 0);
  expect([program, rows]).toEqual(["add", 100]);
  for (const time of [value.prepared, value.plain, gradient.prepared, gradient.plain]) {
    expect(time).toBeGreaterThan(0);
    expect(time).toBeLessThan(1e6);
  }
});

test.each([...smallPrograms, ...largePrograms, ...loopPrograms])(
  "$name has a value and a gradient",
  ({ source, inputs }) => {
    const module = compile(source);
    expect([...module.inputs].sort()).toEqual(Object.keys(inputs).sort());
    const row = Object.fromEntries(Object.entries(inputs).map(([name, range], i) => [name, spread(range, 3, i)[2]]));
    const { value, gradient } = module.gradient(row);
    for (const number of [value, ...Object.values(gradient)]) expect(number).toSatisfy(Number.isFinite);
  },
);

test("the best peer is the fastest that did not fail, and aims speak of it", () => {
  const peers = {
    slow: { first: 1, value: 12, gradient: 30, mean: 0 },
    fast: { first: 2, value: 8, gradient: 40, mean: 0 },
    broken: { error: "it broke" },
  };
  expect(best(peers, "value")).toEqual({ peer: "fast", time: 8 });
  expect(best(peers, "gradient")).toEqual({ peer: "slow", time: 30 });
  expect(best({ broken: peers.broken }, "first")).toBeUndefined();
  const timing: Timing = {
    program: "gravity",
    dtype: "float32",
    rows: 10_000,
    value: { prepared: 2, plain: 4 },
    gradient: { prepared: 5, plain: 10 },
    peers,
  };
  expect(aims([timing, { ...timing, rows: 100 }, { ...timing, dtype: "float64" }])).toEqual([
    "gravity, value, aim 3x: prepared 4.0x reached, plain 2.0x missed",
    "gravity, gradient, aim 5x: prepared 6.0x reached, plain 3.0x missed",
  ]);
  expect(smallPrograms.filter((program) => aimOf(program).value < 3).map(({ name }) => name)).toEqual([
    "add",
    "pendulum",
    "gaussian",
    "barometric",
    "transcendental",
  ]);
});

test("a Python that is not there is said to be missing", async () => {
  await expect(startPeers("/nowhere/python")).rejects.toThrow(SoftmachineError);
  await expect(startPeers("/nowhere/python")).rejects.toThrow("/nowhere/python, does not start");
});

test("peers, where there are any, compute the same", async () => {
  let peers: Awaited<ReturnType<typeof startPeers>>;
  try {
    peers = await startPeers("python3");
  } catch (error) {
    // No Python, or none with NumPy.
    expect(error).toBeInstanceOf(SoftmachineError);
    return;
  }
  try {
    expect(peers.notes).toHaveLength(3);
    for (const program of [...smallPrograms, ...largePrograms, loopPrograms[0], loopPrograms[2]]) {
      // Throws where a mean differs.
      const { peers: answers } = await timed(program, "float64", 4, peers, 0);
      for (const answer of Object.values(answers)) expect(answer).not.toHaveProperty("error");
    }
  } finally {
    peers.close();
  }
});
