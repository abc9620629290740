import { describe, expect, it } from "vitest";
import { aNormalForm, readProgram, SoftmachineError } from "../scheme/index.js";
import { type Assembly, assemble, imageOf, type LinkOptions, link, parseAssembly } from "./index.js";

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
    expect(image.entries.get("q")).toEqual({
      name: "q",
      line: 9,
      end: 18,
      operands: [],
      labels: image.labels,
      stackCells: 6,
    });
    expect(image.entries.get("r")?.line).toBe(19);
    expect(image.lineLabels.get(19)).toBe("r.main");
  });

  it("places data and leaves the rest to the stack", () => {
    const image = linkTexts([".stack r3\n.data 0 5 -1\nhalt"], { n: 8, memory: 4 });
    expect([...image.initialMemory]).toEqual([5, 7, 0, 0]);
    expect(image.entries.get("main")?.stackCells).toBe(2);
    expect(linkTexts([".reserve 3\n.data 1 5\nhalt"], { n: 8 }).entries.get("main")?.stackCells).toBe(5);
    expect(image.entries.get("main")?.stackPointer).toBe(3);
  });

  it("leaves a program's stack the cells that only others reserve", () => {
    const image = linkTexts([".program p\n.reserve 3\nhalt", ".program q\n.stack r2\n.data 0 1\nhalt"], { n: 8 });
    expect(Array.from(image.entries.values(), ({ stackCells }) => stackCells)).toEqual([5, 7]);
  });

  it.each([
    [".array v 10 3 2\nhalt", 'has the operand "v" in the memory cells 10 to 15; memory has 8'],
    [".array v 0 1000000000 1000\nhalt", 'has the operand "v" in the memory cells 0 to 999999999999; memory has 8'],
    [".result 7 2\nhalt", "has its result in the memory cells 7 to 8; memory has 8"],
    [".array w 2 3\n.array v 0 3\nhalt", 'has the operands "v" and "w" in the same cells'],
  ])("refuses the arrays of %j", (text, message) => {
    expect(() => linkTexts([text], { n: 16, memory: 8 })).toThrow(`program "main" ${message}`);
  });

  it("gives each program a label table of its own when all labels together are more than n", () => {
    const image = linkTexts([jumps("p", 3), jumps("q", 4), jumps("r", 5)], { n: 5 });
    expect(image.lines).toBe(36);
    expect([...image.entries.values()].map(({ labels }) => [...labels])).toEqual([
      [0, 3, 6, 3, 4],
      [9, 12, 15, 18, 4],
      [21, 24, 27, 30, 33],
    ]);
    const q = image.entries.get("q");
    expect(() => image.labels).toThrow("the 3 programs of this image have more labels than n holds");
    expect(q && [...imageOf(image, q).labels]).toEqual([9, 12, 15, 18, 4]);
  });

  describe("of functions that programs have in common", () => {
    const gcd = "(define (gcd* a b) (if (= b 0) a (gcd* b (modulo a b))))";
    const sum = "(define (sum k) (if (= k 0) 0 (+ (gcd* k 6) (sum (- k 1)))))";
    const program = (name: string, text: string) => assemble(aNormalForm(readProgram(text)), { name });
    const p = program("p", `${gcd} (gcd* (gcd* a b) 6)`);
    const q = program("q", `${gcd} (+ (gcd* b 4) (gcd* a 4))`);
    const alone = [p, q].map((assembly) => link([assembly], { n: 32 }).lines);
    const lengthOf = (assembly: Assembly, label: string) =>
      assembly.instructions.length - (assembly.labels.get(label) ?? 0);

    it("keeps them once", () => {
      const image = link([p, q], { n: 32 });
      expect(image.lines).toBe(alone[0] + alone[1] - lengthOf(q, "gcd*"));
      expect([...image.lineLabels.values()]).toContainEqual(expect.stringMatching(/^p\.gcd\* .*q\.gcd\*/));
    });

    it("keeps those apart that call different functions", () => {
      const other = gcd.replace("(= b 0) a", "(= b 0) 1");
      const sums = [
        program("r", `${gcd} ${sum} (+ (sum a) (sum b))`),
        program("s", `${other} ${sum} (* (sum a) (sum b))`),
      ];
      const image = link(sums, { n: 64 });
      expect(image.lines).toBe(sums[0].instructions.length + sums[1].instructions.length);
    });
  });

  it.each<[texts: string[], options: LinkOptions, message: string]>([
    [[jumps("p", 8)], { n: 4 }, 'program "p" needs 8 labels; n = 4 holds 4'],
    [[jumps("p", 3), jumps("q", 6)], { n: 5 }, 'program "q" needs 6 labels; n = 5 holds 5'],
    [[".reserve 9\nhalt"], { n: 8 }, 'program "main" needs 9 memory cells; memory has 8'],
    [
      [".stack r1\n.reserve 1\nhalt"],
      { n: 8, memory: 6 },
      'program "main" keeps a stack, which begins in the last of 6 memory cells only when they divide n = 8',
    ],
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
    [
      Array.from({ length: 231 }, (_, i) => `.program p${i}\n.grid 4 ${i} 1\ngrid.sin r0, r0\nhalt`),
      { n: 4 },
      "an image holds at most 230 operations on grids",
    ],
    [[], { n: 8 }, "link needs at least one program"],
  ])("refuses what does not fit: %#", (texts, options, message) => {
    expect(() => linkTexts(texts, options)).toThrow(SoftmachineError);
    expect(() => linkTexts(texts, options)).toThrow(message);
  });
});
