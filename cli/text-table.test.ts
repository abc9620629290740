import { describe, expect, it } from "vitest";
import { textTable } from "./text-table.js";

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
});
