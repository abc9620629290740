import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { SoftmachineError } from "../scheme/index.js";
import { newMemory, type ScatterAdd, type ScatterAddType, scatterAdd, type WebAssemblyMemory } from "./index.js";

interface Problem {
  data: number[];
  segments: number[];
  start: number[];
  width: number;
  segmentCount: number;
}

/** Lays a problem out in a memory, runs the kernel, and returns the whole memory's 32-bit words and where things lie. */
function solve({ data, segments, start, width, segmentCount }: Problem, type: ScatterAddType, gap = 1) {
  const words = data.length + segments.length + start.length + 4 * gap;
  const memory = newMemory(Math.ceil((words * 4) / 65536) + 1);
  const view = type === "float32" ? new Float32Array(memory.buffer) : new Int32Array(memory.buffer);
  const dataAt = gap;
  const segmentsAt = dataAt + data.length + gap;
  const outputAt = segmentsAt + segments.length + gap;
  view.fill(77);
  view.set(data, dataAt);
  new Int32Array(memory.buffer).set(segments, segmentsAt);
  view.set(start, outputAt);
  const arrays = { data: dataAt * 4, segments: segmentsAt * 4, output: outputAt * 4 };
  scatterAdd(memory, { ...arrays, rows: segments.length, width, segmentCount }, type);
  return {
    output: view.slice(outputAt, outputAt + start.length),
    around: [view[outputAt - 1], view[outputAt + start.length], view[0]],
    data: Array.from(view.slice(dataAt, dataAt + data.length)),
  };
}

/** The definition: a plain loop, rounded to the type at each addition. */
function expected({ data, segments, start, width, segmentCount }: Problem, type: ScatterAddType): number[] {
  const round = type === "float32" ? Math.fround : (x: number) => x | 0;
  const output = [...start];
  segments.forEach((segment, row) => {
    if (segment < 0 || segment >= segmentCount) return;
    for (let column = 0; column < width; column++) {
      const at = segment * width + column;
      output[at] = round(output[at] + data[row * width + column]);
    }
  });
  return output;
}

const problems = (value: fc.Arbitrary<number>): fc.Arbitrary<Problem> =>
  fc.record({ rows: fc.nat(12), width: fc.nat(70), segmentCount: fc.nat(6) }).chain(({ rows, width, segmentCount }) => {
    const exactly = (length: number) => ({ minLength: length, maxLength: length });
    return fc.record({
      data: fc.array(value, exactly(rows * width)),
      segments: fc.array(fc.integer({ min: -2, max: segmentCount + 1 }), exactly(rows)),
      start: fc.array(value, exactly(segmentCount * width)),
      width: fc.constant(width),
      segmentCount: fc.constant(segmentCount),
    });
  });

describe("scatter-add", () => {
  test.each([
    ["float32", fc.float({ noNaN: true })],
    ["int32", fc.integer()],
  ] as const)("of %s equals a plain loop to the last bit, and touches nothing else", (type, value) => {
    fc.assert(
      fc.property(problems(value), fc.integer({ min: 1, max: 4 }), (problem, gap) => {
        const found = solve(problem, type, gap);
        expect(Array.from(found.output)).toEqual(expected(problem, type));
        expect(found.around).toEqual([77, 77, 77]);
        expect(found.data).toEqual(problem.data);
      }),
    );
  });

  test("of no rows, or rows of no width, changes nothing", () => {
    const empty: Problem = { data: [], segments: [], start: [1, 2, 3], width: 3, segmentCount: 1 };
    expect(Array.from(solve(empty, "float32").output)).toEqual([1, 2, 3]);
    const thin: Problem = { data: [], segments: [0, 0, 0], start: [], width: 0, segmentCount: 1 };
    expect(Array.from(solve(thin, "float32").output)).toEqual([]);
  });

  test("drops a segment as far out of range as an int32 goes", () => {
    const far: Problem = { data: [5, 5], segments: [-(2 ** 31), 2 ** 31 - 1], start: [1], width: 1, segmentCount: 1 };
    expect(Array.from(solve(far, "float32").output)).toEqual([1]);
  });

  test("goes on working when the memory has grown", () => {
    const memory = newMemory(1);
    const arrays: ScatterAdd = { data: 0, segments: 4, output: 8, rows: 1, width: 1, segmentCount: 1 };
    scatterAdd(memory, arrays);
    memory.grow(1);
    const at = 65536;
    new Float32Array(memory.buffer, at, 1)[0] = 2.5;
    scatterAdd(memory, { ...arrays, data: at, output: at + 8 });
    expect(new Float32Array(memory.buffer, at + 8, 1)[0]).toBe(2.5);
  });

  test("works in a memory that threads share", () => {
    const WebAssemblyNamespace: { Memory: new (limits: object) => WebAssemblyMemory } = Reflect.get(
      globalThis,
      "WebAssembly",
    );
    const memory = new WebAssemblyNamespace.Memory({ initial: 1, maximum: 2, shared: true });
    new Float32Array(memory.buffer)[0] = 1.5;
    scatterAdd(memory, { data: 0, segments: 4, output: 8, rows: 1, width: 1, segmentCount: 1 });
    expect(new Float32Array(memory.buffer)[2]).toBe(1.5);
  });

  const arrays: ScatterAdd = { data: 0, segments: 64, output: 128, rows: 2, width: 4, segmentCount: 2 };
  const wrong: [string, Partial<ScatterAdd>, string][] = [
    ["a misaligned address", { data: 2 }, "data must lie at a multiple of 4 bytes; got 2"],
    ["a negative address", { output: -4 }, "output must lie at a multiple of 4 bytes; got -4"],
    ["data past the end", { rows: 5000 }, "data, 80000 bytes at 0, reaches outside the memory's 65536 bytes"],
    ["segments past the end", { segments: 65532 }, "segments, 8 bytes at 65532, reaches outside"],
    ["an output past the end", { segmentCount: 4096 }, "output, 65536 bytes at 128, reaches outside"],
    ["half a row", { rows: 0.5 }, "rows must be a whole number, at least 0; got 0.5"],
    ["a negative width", { width: -1 }, "width must be a whole number, at least 0; got -1"],
    ["no number of segments", { segmentCount: Number.NaN }, "segmentCount must be a whole number"],
  ];
  test.each(wrong)("refuses %s", (_, change, message) => {
    const act = () => scatterAdd(newMemory(1), { ...arrays, ...change });
    expect(act).toThrow(SoftmachineError);
    expect(act).toThrow(message);
  });

  test("refuses what is no memory, and a type that it has no kernel for", () => {
    const noMemory = { buffer: new ArrayBuffer(64), grow: () => 0 };
    expect(() => scatterAdd(noMemory, arrays)).toThrow("needs a WebAssembly.Memory");
    expect(() => Reflect.apply(scatterAdd, undefined, [newMemory(1), arrays, "float64"])).toThrow(
      "the type is float32 or int32, not float64",
    );
  });
});
