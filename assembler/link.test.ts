import { describe, expect, it } from "vitest";
import { SoftmachineError } from "../scheme/index.js";
import { type LinkOptions, link, parseAssembly } from "./index.js";

const jumps = (name: string, count: number): string => {
  const blocks = Array.from({ length: count }, (_, i) => `l${i}: const r1, @l${(i + 1) % count}\ninc r0, r0\nret r1`);
  return `.program ${name}\n${blocks.join("\n")}`;
};

const linkTexts = (texts: readonly string[], options: LinkOptions) =>
  link(
    texts.map((text) => parseAssembly(text)),
    options,
  );

describe("linking", () => {
  it("names lines by their numbers when they are no more than n", () => {
    const image = linkTexts([jumps("p", 3)], { n: 16 });
    expect(image.lines).toBe(9);
    expect([...image.labels]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 0, 1, 2, 3, 4, 5, 6]);
    expect([...image.instructions.k]).toEqual([3, 0, 0, 6, 0, 0, 0, 0, 0]);
  });

  it("gives values to the labels in use when there are more lines than n", () => {
    const image = linkTexts([jumps("p", 3), jumps("q", 3), `.program r\n.entry main\nunused: inc r0, r0\nmain: halt`], {
      n: 6,
    });
    expect(image.lines).toBe(20);
    expect([...image.labels]).toEqual([0, 3, 6, 9, 12, 15]);
    expect([...image.instructions.k].filter((_, line) => line % 3 === 0)).toEqual([1, 2, 0, 4, 5, 3, 0]);
    expect(image.entries.get("q")).toEqual({ name: "q", line: 9, end: 18, operands: [] });
    expect(image.entries.get("r")?.line).toBe(19);
    expect(image.lineLabels.get(19)).toBe("r.main");
  });

  it("places data and leaves the rest to the stack", () => {
    const image = linkTexts([".stack r3\n.data 1 5 -1\nhalt"], { n: 8, memory: 6 });
    expect([...image.initialMemory]).toEqual([0, 5, 7, 0, 0, 0]);
    expect(image.stackCells).toBe(3);
    expect(image.entries.get("main")?.stackPointer).toBe(3);
  });

  it.each<[texts: string[], options: LinkOptions, message: string]>([
    [[jumps("p", 8)], { n: 4 }, 'program "p" needs 8 labels; n = 4 holds 4'],
    [[jumps("p", 3), jumps("q", 3)], { n: 5 }, "the image of 2 programs needs 6 labels; n = 5 holds 5"],
    [[jumps("p", 1), jumps("p", 1)], { n: 8 }, 'two programs are named "p"'],
    [["inc r0, r20\nhalt"], { n: 8 }, 'program "main" needs 21 registers; the image has 16'],
    [[".operands a b c\nhalt"], { n: 8, registers: 2 }, 'program "main" needs 3 registers; the image has 2'],
    [["const r0, #-9\nhalt"], { n: 8 }, "holds the constant -9, which needs n of at least 9; n = 8"],
    [[".data 6 1 2 3\nhalt"], { n: 8 }, 'program "main" has data up to address 8; memory has 8 cells'],
    [[".data 0 8\nhalt"], { n: 8 }, 'program "main" has data with the value 8, which needs n of at least 9; n = 8'],
    [
      [".program p\n.data 0 1\nhalt", ".program q\n.data 0 2\nhalt"],
      { n: 8 },
      'programs "p" and "q" give address 0 different data',
    ],
    [["halt"], { n: 1 }, "n must be a whole number from 2 to 4294967296; got 1"],
    [["halt"], { n: 8, memory: 9 }, "memory must be a whole number from 1 to 8; got 9"],
    [["halt"], { n: 2 ** 32, memory: 65537 }, "memory must be a whole number from 1 to 65536; got 65537"],
    [["halt"], { n: 8, registers: 0 }, "registers must be a whole number from 1 to 256; got 0"],
    [[], { n: 8 }, "link needs at least one program"],
  ])("refuses what does not fit: %#", (texts, options, message) => {
    expect(() => linkTexts(texts, options)).toThrow(SoftmachineError);
    expect(() => linkTexts(texts, options)).toThrow(message);
  });
});
