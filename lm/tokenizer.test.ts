import { describe, expect, it } from "vitest";
import { encodeText, isNumeral, makeBatch } from "./batch.js";
import { llama3Tokenizer } from "./tokenizer.js";

describe("LLaMA 3's tokenizer", async () => {
  const tokenizer = await llama3Tokenizer();

  it("knows 128,256 tokens and begins a text with its own", () => {
    expect(tokenizer.vocabularySize).toBe(128_256);
    const ids = tokenizer.encode("Add 3 and 4");
    expect(tokenizer.tokenText(ids[0])).toBe("<|begin_of_text|>");
    expect(
      ids
        .slice(1)
        .map((id) => tokenizer.tokenText(id))
        .join(""),
    ).toBe("Add 3 and 4");
  });

  it("has one token for every number of up to three digits", () => {
    for (let number = 0; number < 1000; number++) {
      const numerals = tokenizer.encode(`${number}`).filter((id) => isNumeral(tokenizer, id));
      expect(numerals.map((id) => tokenizer.tokenText(id))).toEqual([String(number)]);
    }
  });

  it("reads a word the same wherever it stands, and 007 as 7", () => {
    const add = encodeText(tokenizer, "Add 7");
    expect(encodeText(tokenizer, "  ADD   007 ")).toEqual(add);
    expect(encodeText(tokenizer, "please add 7").slice(2)).toEqual(add.slice(1));
    expect(encodeText(tokenizer, "2^5 7-3")).toEqual(encodeText(tokenizer, "2 ^ 5 7 - 3"));
    expect(encodeText(tokenizer, "100 0")).toEqual(encodeText(tokenizer, "100 00"));
  });

  it("packs texts of different lengths", () => {
    const sequences = ["add 3 and 4", "double 3"].map((text) => encodeText(tokenizer, text));
    const batch = makeBatch(tokenizer, sequences);
    expect(batch.length).toBe(sequences[0].length);
    expect(Array.from(batch.padding)).toEqual([0, sequences[0].length - sequences[1].length]);
    expect(Array.from(batch.rows, (row) => batch.tokens[row])).toEqual(sequences.flat());
    batch.positions.forEach((position, packed) => {
      expect(batch.packedAt[position]).toBe(packed);
    });
    expect(Array.from(batch.lasts, (packed) => batch.positions[packed] % batch.length)).toEqual([
      batch.length - 1,
      batch.length - 1,
    ]);
    expect(Array.from(batch.numerals, (id) => tokenizer.tokenText(id)).sort()).toEqual(["3", "4"]);
    const read = Array.from(batch.numeralRows).filter((row) => row >= 0);
    expect(read.map((row) => tokenizer.tokenText(batch.numerals[row]))).toEqual(["3", "4", "3"]);
  });
});
