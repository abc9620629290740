import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SourceError } from "../scheme/index.js";
import { type Assembly, alu, fieldsOf, instructions, mnemonics, parseAssembly, printAssembly } from "./index.js";

const symbol = fc.stringMatching(/^[a-zA-Z!$%&*/<=>?^_~+.-][a-zA-Z0-9!$%&*/<=>?^_~+.-]{0,8}$/);
const register = fc.integer({ min: 0, max: 255 });
const comment = fc.stringMatching(/^[!-~]([ -~]{0,20}[!-~])?$/);

const plainRecord = { noNullPrototype: true };
const bounded = (min: number, max: number) => fc.double({ min, max, noNaN: true }).map((x) => x + 0);
const cells = fc.record(
  { address: fc.nat(40), shape: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 2 }) },
  plainRecord,
);
// An operand that is a number has a name without a bracket.
const array = fc.tuple(symbol, cells).map(([name, rest]) => ({ name: `[${name}`, ...rest }));
const gridOperations = ["grid.+", "grid.sin", "grid.<="] as const;

/** Any program that the text can express. */
const assemblies: fc.Arbitrary<Assembly> = fc
  .record({
    name: symbol,
    operands: fc.uniqueArray(symbol, { maxLength: 4 }),
    stackPointer: fc.option(register, { nil: undefined }),
    data: fc.array(
      fc.record(
        { address: fc.nat(40), values: fc.array(fc.integer(), { minLength: 1, maxLength: 4 }) },
        { noNullPrototype: true },
      ),
      {
        maxLength: 3,
      },
    ),
    arrays: fc.option(fc.uniqueArray(array, { minLength: 1, maxLength: 2, selector: ({ name }) => name }), {
      nil: undefined,
    }),
    result: fc.option(cells, { nil: undefined }),
    reserved: fc.option(fc.nat(99), { nil: undefined }),
    grid: fc.record(
      { n: fc.integer({ min: 2, max: 4096 }), lo: bounded(-1e6, 1e6), step: bounded(1e-3, 1e3) },
      plainRecord,
    ),
    names: fc.uniqueArray(symbol, { minLength: 1, maxLength: 5 }),
    length: fc.integer({ min: 1, max: 12 }),
  })
  .chain(({ names, length, ...rest }) =>
    fc.record({
      ...Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, fc.constant(value)])),
      name: fc.constant(rest.name),
      operands: fc.constant(rest.operands),
      data: fc.constant(rest.data),
      entry: fc.option(fc.constantFrom(...names), { nil: undefined }),
      labels: fc
        .array(fc.integer({ min: 0, max: length - 1 }), { minLength: names.length, maxLength: names.length })
        .map((lines) => new Map(names.map((label, i) => [label, lines[i]]))),
      functions: fc.option(fc.constant(names.slice(0, 2)), { nil: undefined }),
      instructions: fc.array(instruction(names), { minLength: length, maxLength: length }),
    }),
  )
  .map(withoutUndefined);

function instruction(labels: readonly string[]): fc.Arbitrary<Assembly["instructions"][number]> {
  return fc
    .record({
      op: fc.constantFrom(...mnemonics, ...gridOperations),
      a: register,
      b: register,
      out: register,
      k: fc.oneof(
        fc.integer(),
        fc.constantFrom(...labels).map((label) => ({ label })),
      ),
      comment: fc.option(comment, { nil: undefined }),
    })
    .map((line) => {
      const used: readonly string[] = fieldsOf(line.op);
      const field = (name: "a" | "b" | "out"): number => (used.includes(name) ? line[name] : 0);
      const k = used.includes("k") ? line.k : 0;
      return withoutUndefined({ ...line, a: field("a"), b: field("b"), out: field("out"), k });
    });
}

function withoutUndefined<T extends object>(value: T): T {
  const copy = { ...value };
  for (const key of Object.keys(copy) as (keyof T)[]) if (copy[key] === undefined) delete copy[key];
  return copy;
}

describe("the instruction table", () => {
  it("numbers the instructions without gaps", () => {
    expect(mnemonics.map((op) => instructions[op].number)).toEqual(mnemonics.map((_, i) => i));
  });

  it("gives the ALU values within 0..n-1", () => {
    const values = fc
      .integer({ min: 2, max: 65536 })
      .chain((n) => fc.tuple(fc.constant(n), fc.nat(n - 1), fc.nat(n - 1)));
    fc.assert(
      fc.property(values, ([n, a, b]) => {
        for (const meaning of Object.values(alu)) {
          const value = meaning(a, b, n);
          expect(Number.isInteger(value) && value >= 0 && value < n).toBe(true);
        }
      }),
    );
  });
});

describe("assembly text", () => {
  it("reads back what is printed", () => {
    fc.assert(
      fc.property(assemblies, (assembly) => {
        expect(parseAssembly(printAssembly(assembly))).toStrictEqual(assembly);
      }),
    );
  });

  it("takes commas or spaces, labels before an instruction, and comments", () => {
    const text = `
; adds five, then halts
.program plus-five
.operands x
.data 3 1 -2
start: again:
  const r1 #5   ; five
  add r0,r0,r1
  halt`;
    expect(printAssembly(parseAssembly(text))).toBe(`.program plus-five
.operands x
.data 3 1 -2
start:
again:
  const r1, #5                ; five
  add   r0, r0, r1
  halt
`);
  });

  it.each([
    ["halt\nadd r0, r1", "<assembly>:2:1: add takes out, a, b; 2 given\n  add r0, r1\n  ^^^"],
    ["  hlat", '<assembly>:1:3: no instruction "hlat"'],
    ["  hal", '<assembly>:1:3: no instruction "hal" (did you mean "halt"?)'],
    ["halt r1", "<assembly>:1:1: halt takes nothing; 1 given"],
    ["inc r0, x", '<assembly>:1:9: "x" is not a register (r0, r1, …)'],
    ["inc r0, r256", "<assembly>:1:9: no register r256: r255 is the last"],
    ["inc r0, r01", '"r01" is not a register'],
    ["const r0, 5", '<assembly>:1:11: "5" is not an immediate (#5 or @label)'],
    ["const r0, #1.5", '<assembly>:1:11: "1.5" is not an integer'],
    ["loop: halt\nconst r0, @lop", '<assembly>:2:11: no label "lop" (did you mean "loop"?)'],
    ["loop: halt\nloop: halt", '<assembly>:2:1: the label "loop" is defined twice'],
    ["halt\nend:", '<assembly>:2:1: the label "end" names no line'],
    [".entry nowhere\nhalt", '<assembly>:1:8: no label "nowhere"'],
    [".operand a\nhalt", '<assembly>:1:1: no directive ".operand" (did you mean ".operands"?)'],
    [".operands a a\nhalt", '<assembly>:1:13: two operands are named "a"'],
    [".stack r1\n.stack r2\nhalt", "<assembly>:2:1: .stack is given twice"],
    [".data 3\nhalt", "<assembly>:1:1: .data needs an address and at least one value"],
    [".data -3 1\nhalt", "<assembly>:1:7: an address can't be negative"],
    [".program\nhalt", "<assembly>:1:1: .program needs the program's name, and nothing more"],
    ["@x: halt", "<assembly>:1:1: \"@x\" can't be a label's name"],
    [".array v 0\nhalt", "<assembly>:1:1: .array needs an address and one or two sizes"],
    [".array v 0 0\nhalt", "<assembly>:1:12: an array has at least one element"],
    [".operands v\n.array v 0 3\nhalt", '<assembly>:2:8: two operands are named "v"'],
    [".result 1 2 3 4\nhalt", "<assembly>:1:1: .result needs an address and one or two sizes"],
    [".reserve -1\nhalt", "<assembly>:1:10: a number of cells can't be negative"],
    [".functions f\nhalt", '<assembly>:1:12: no label "f"'],
    [".grid 16 0 x\nhalt", '<assembly>:1:12: "x" is not a number'],
    [".grid 16 0 -1\nhalt", "<assembly>:1:1: a grid goes from one number to a larger one, not from 0 by -1"],
    ["grid.sin r0, r0", '<assembly>:1:1: "grid.sin" needs a grid: .grid values first step'],
    ["grid.dot r0, r0", '<assembly>:1:1: no instruction "grid.dot"'],
    ["; nothing", "<assembly>:1:1: a program needs at least one instruction"],
    ["halt\rhlt", '<assembly>:2:1: no instruction "hlt"'],
    [`halt ; a comment\r${"x".repeat(1e6)}`, `<assembly>:2:1: no instruction "${"x".repeat(200)}`],
  ])("refuses %j", (text, message) => {
    expect(() => parseAssembly(text)).toThrow(SourceError);
    expect(() => parseAssembly(text)).toThrow(message);
    expect(() => parseAssembly(text)).toThrow(/^[\s\S]{0,600}$/);
  });

  it("reads lines of any length", () => {
    const names = Array.from({ length: 200_000 }, (_, i) => `x${i}`);
    const { operands, labels, functions, arrays } = parseAssembly(
      [
        `.operands ${names.join(" ")}`,
        ...names.slice(0, 20_000).map((name) => `.array ${name}' 0 1`),
        `.functions ${names.join(" ")}`,
        `${names.join(": ")}: halt`,
      ].join("\n"),
    );
    expect([operands.length, arrays?.length, labels.size, functions?.length]).toEqual([2e5, 2e4, 2e5, 2e5]);
  });
});
