import { describe, expect, it } from "vitest";
import type { Explanation } from "../direct/index.js";
import { json, output, softmachine, temporaryFolder } from "./testing.js";

const root = ["explain", "-e", "(sqrt (- 1 (square v)))"];

describe("explain", () => {
  it("says where a program may leave its domain", async () => {
    const text = await output([...root, "v=0:2"]);
    expect(text).toContain("v in [0, 2]");
    expect(text).toContain("1:1 (sqrt (- 1 (square v))): square root of a negative number; argument 1 is in [-3, 1]");
    expect(await output([...root, "v=0:1/2"])).toContain("domain: no operation leaves it");
  });

  it("gives the same as data", async () => {
    const found = await json<Explanation>([...root, "v=0:2", "--json"]);
    expect(found.faults).toMatchObject([{ op: "sqrt", line: 1, column: 1, interval: { range: [-3, 1] } }]);
    expect(found.ranges).toEqual({ v: [0, 2] });
    expect(found.slopes.v).toEqual({ range: ["-inf.0", "+inf.0"], mayBeNaN: true });
  });

  it("reads a file, with an entry", async () => {
    const cwd = temporaryFolder({ "f.scm": "(define (f a b) (/ a (floor b)))" });
    const text = await output(["explain", "f.scm", "--entry", "f", "a=1", "b=0.5:3"], { cwd });
    expect(text).toContain("division by zero");
    expect(text).toContain("b: the value depends on it only through steps");
  });

  it("takes the shapes of arrays", async () => {
    const text = await output(["explain", "-e", "(/ (ref v i) (norm v))", "--shapes", "v=3", "v=1:2", "i=0:2"]);
    expect(text).toContain("v[0] to v[2] in [1, 2]");
    expect(text).toContain("1:4 (ref v i): index");
  });

  it("refuses what can't be", async () => {
    for (const range of ["v=2:1", "v=1:2:3", "v=:", "v=a:2"])
      expect(await softmachine([...root, range])).toMatchObject({
        code: 2,
        stderr: expect.stringContaining("is not a range"),
      });
    expect(await softmachine([...root, "v=1", "v=2"])).toMatchObject({ code: 2 });
    expect(await softmachine([...root, "w=1"])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('unknown input "w"'),
    });
  });
});
