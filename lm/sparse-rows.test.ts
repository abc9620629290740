import { describe, expect, it } from "vitest";
import { SparseRows } from "./sparse-rows.js";

describe("sparse rows", () => {
  it("start as a function of seed and token, whatever was asked before", () => {
    const a = new SparseRows(4, 0.5, [7]);
    const b = new SparseRows(4, 0.5, [7]);
    a.gather(Int32Array.of(5, 6, 7));
    expect(b.gather(Int32Array.of(7))).toEqual(a.gather(Int32Array.of(7)));
    expect(new SparseRows(4, 0.5, [8]).gather(Int32Array.of(7))).not.toEqual(a.gather(Int32Array.of(7)));
    expect(a.tokens.length).toBe(0);
  });

  it("change and are kept where a batch has their token, and nowhere else", () => {
    const rows = new SparseRows(2, 0.5, [1]);
    const before = rows.gather(Int32Array.of(128_000, 3));
    rows.step(Int32Array.of(128_000), Float32Array.of(1, -1), 1, 0.01);
    const after = rows.gather(Int32Array.of(128_000, 3));
    expect(Array.from(rows.tokens)).toEqual([128_000]);
    expect(after[0]).toBeCloseTo(before[0] - 0.01, 5);
    expect(after[1]).toBeCloseTo(before[1] + 0.01, 5);
    expect(after.slice(2)).toEqual(before.slice(2));
  });

  it("count their own steps: a row first met late moves as far as one met at once", () => {
    const rows = new SparseRows(1, 0, [1]);
    for (let step = 0; step < 50; step++) rows.step(Int32Array.of(1), Float32Array.of(1), 1, 0.01);
    rows.step(Int32Array.of(2), Float32Array.of(1), 1, 0.01);
    expect(rows.gather(Int32Array.of(2))[0]).toBeCloseTo(-0.01, 6);
  });

  it("come back as they were saved", () => {
    const rows = new SparseRows(3, 0.5, [1]);
    rows.step(Int32Array.of(2, 9), Float32Array.of(1, 2, 3, 4, 5, 6), 1, 0.01);
    const copy = new SparseRows(3, 0.5, [1]);
    copy.restore(rows.save());
    for (const each of [rows, copy]) each.step(Int32Array.of(9), Float32Array.of(1, 0, -1), 0.5, 0.02);
    expect(copy.save()).toEqual(rows.save());
  });
});
