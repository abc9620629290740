import { describe, expect, test } from "vitest";
import { setThreads, threads } from "./index.js";

describe("the number of threads", () => {
  test.each([0, -1, 1.5, Number.NaN, 1025, 1e5])("%s is refused", (count) => {
    expect(() => setThreads(count)).toThrow(
      `the number of threads must be a whole number from 1 to 1024, not ${count}`,
    );
  });

  test("is what was set", () => {
    setThreads(3);
    expect(threads()).toBe(3);
  });
});
