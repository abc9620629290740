import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { idIn, JsonLines } from "./json-lines.js";

/** What comes through, and what was taken out. */
async function filtered(chunks: readonly string[], mostBytes = 10_000) {
  const faults: [what: string, line: string][] = [];
  const lines = new JsonLines(mostBytes, (what, line) => faults.push([what, line]));
  const passed = await text(Readable.from(chunks.map((chunk) => Buffer.from(chunk))).pipe(lines));
  return { passed, faults };
}

describe("lines of JSON", () => {
  it("come through as they are, in whatever pieces", async () => {
    const line = fc.json().map((json) => json.replace(/\n/g, " "));
    await fc.assert(
      fc.asyncProperty(fc.array(line), fc.integer({ min: 1, max: 40 }), async (jsons, size) => {
        const whole = jsons.map((json) => `${json}\n`).join("");
        const bytes = Buffer.from(whole);
        const lines = new JsonLines(1e6, (what) => expect.unreachable(what));
        const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
          bytes.subarray(i * size, (i + 1) * size),
        );
        expect(await text(Readable.from(pieces).pipe(lines))).toBe(whole);
      }),
    );
  });

  it("lose what is no JSON or too long", async () => {
    const long = `{"id":1,"x":"${"x".repeat(20_000)}"}`;
    const { passed, faults } = await filtered([
      '1\r\n\n {"a": N',
      "aN}\n[2]\nxx",
      "x\n",
      long.slice(0, 9000),
      `${long.slice(9000)}\n3`,
    ]);
    expect(passed).toBe("1\r\n[2]\n3");
    expect(faults.map(([what]) => what)).toEqual([
      expect.stringContaining("one line of JSON"),
      expect.stringContaining("one line of JSON"),
      "a message has 10000 bytes at most",
    ]);
    expect(faults[1][1]).toBe("xxx");
    expect(faults[2][1]).toBe(long.slice(0, 1000) + `${long}\n`.slice(-1000).trim());
  });

  it.each([
    ['{"id": 7, "x": NaN}', 7],
    ['{"x": NaN, "id":"a b"}', "a b"],
    ['{"id": 7, "params": {"id": 8}, "x": NaN}', undefined],
    ['{"x": NaN}', undefined],
    ['{"id": {}, "x": NaN}', undefined],
  ])("%s has the id %j", (line, id) => {
    expect(idIn(line)).toBe(id);
  });
});
