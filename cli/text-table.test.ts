import { describe, expect, it } from "vitest";
import { duration, textTable } from "./text-table.js";

describe("tables", () => {
  it("align text to the left and numbers to the right", () => {
    const rows = [
      ["ä", 5, "x"],
      ["long", 12, undefined],
    ];
    expect(textTable(["name", "n", "note"], rows)).toBe("name   n  note\n----  --  ----\nä      5  x\nlong  12");
    expect(textTable(["name"], [])).toBe("name\n----");
    expect(textTable(["n"], new Array<[number]>(200_000).fill([7]))).toMatch(/^n\n-\n7\n7\n/);
  });

  it("write times in the unit that suits", () => {
    const seconds = [4e-9, 1.234e-6, 0.01234, 1.25, 59.96, 119.6, 3723];
    expect(seconds.map(duration)).toEqual([
      "4 ns",
      "1.23 µs",
      "12.3 ms",
      "1.3 s",
      "1 min 0 s",
      "2 min 0 s",
      "62 min 3 s",
    ]);
  });
});
