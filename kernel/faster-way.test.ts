import { expect, test } from "vitest";
import { FasterWay } from "./faster-way.js";

/** A way between two whose times are told, by a clock that only they move on. */
function between(times: { alone: number; together: number }, ready = () => true, together = false) {
  let now = 0;
  const way = new FasterWay(ready, { together, now: () => now });
  return (runs: number) =>
    Array.from({ length: runs }, () =>
      way.run((shared) => {
        now += shared ? times.together : times.alone;
        return shared;
      }),
    );
}

/** Of so many runs, how many were together. */
const count = (choices: readonly boolean[]) => choices.filter((shared) => shared).length;

test.each([
  [{ alone: 20, together: 11 }, true],
  [{ alone: 20, together: 19 }, false],
  [{ alone: 0.1, together: 0.06 }, true],
  [{ alone: 0.1, together: 0.3 }, false],
])("the faster of %j is found in a few runs, and kept", (times, shared) => {
  const run = between(times);
  run(10);
  expect(new Set(run(50))).toEqual(new Set([shared]));
});

test("what takes no time never asks for threads", () => {
  expect(count(between({ alone: 0.005, together: 0.001 })(5000))).toBe(0);
});

test("what is slower costs few runs in the long run", () => {
  expect(count(between({ alone: 0.1, together: 0.3 })(20_000))).toBeLessThan(60);
  expect(20_000 - count(between({ alone: 0.1, together: 0.06 })(20_000))).toBeLessThan(60);
});

test("a way is given up when it is no longer the faster one", () => {
  const times = { alone: 2, together: 1.2 };
  const run = between(times);
  expect(run(20).at(-1)).toBe(true);
  times.together = 6;
  expect(count(run(100))).toBeLessThan(30);
  times.together = 1;
  expect(count(run(2000))).toBeGreaterThan(1000);
});

test("threads that are not there yet are waited for, and tell nothing", () => {
  const times = { alone: 2, together: 2 };
  let ready = false;
  const run = between(times, () => ready);
  expect(count(run(100))).toBe(99);
  ready = true;
  times.together = 1.1;
  expect(count(run(40))).toBe(40);
});

test("what is given is given back, and an error passes", () => {
  const way = new FasterWay(() => true);
  expect(way.run(() => "given")).toBe("given");
  expect(() =>
    way.run(() => {
      throw new Error("no");
    }),
  ).toThrow("no");
});
