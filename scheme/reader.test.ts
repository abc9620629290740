import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseNumber, printNumber, Source } from "./index.js";
import { type Datum, nestingLimit, read } from "./reader.js";

/** A datum as text, and as what the reader should make of that text. */
const show = (datum: Datum): string => {
  if (datum.kind === "number") return printNumber(datum.value);
  if (datum.kind === "symbol") return datum.name;
  const items = datum.items.map(show).join(" ");
  return datum.bracket ? `[${items}]` : `(${items})`;
};
const reading = (text: string) => read(new Source(text)).map(show).join(" ");
const values = (text: string) => read(new Source(text)).map((datum) => (datum.kind === "number" ? datum.value : datum));

describe("numbers", () => {
  it.each([
    ["0", 0],
    ["-0", -0],
    ["-0.0", -0],
    ["+5", 5],
    [".5", 0.5],
    ["-.5e-3", -0.0005],
    ["+.5", 0.5],
    ["5.", 5],
    ["1E5", 100000],
    ["1e+5", 100000],
    ["1e999", Number.POSITIVE_INFINITY],
    ["1e-999", 0],
    ["1/3", 1 / 3],
    ["-6/4", -1.5],
    ["0/5", 0],
    ["007", 7],
    ["123456789012345678901234567890", 1.2345678901234568e29],
    ["+inf.0", Number.POSITIVE_INFINITY],
    ["-INF.0", Number.NEGATIVE_INFINITY],
    ["+nan.0", Number.NaN],
    ["-nan.0", Number.NaN],
    ["#t", 1],
    ["#T", 1],
    ["#true", 1],
    ["#f", 0],
    ["#false", 0],
  ])("reads %s", (text, value) => {
    expect(values(text)).toEqual([value]);
    expect(parseNumber(text)).toBe(value);
  });

  it.each(["1/0", "1.5/2", "1/-3", "1e", "1.2.3", "1+", "-1x", ".5.", "0x10", "1_000", "+inf", "-nan.1", "1e999/1"])(
    "refuses %s as a number",
    (text) => {
      expect(parseNumber(text)).toBeUndefined();
      expect(() => read(new Source(text))).toThrow(
        text === "1e999/1" ? "is not a number" : `"${text}" is not a number`,
      );
    },
  );

  it.each(["-", "+", "...", "-x", "--5", "+info", "-nano", "e5", "inf", "a1", "1".replace("1", "١")])(
    "takes %s for a symbol",
    (text) => {
      expect(read(new Source(text))).toEqual([{ kind: "symbol", name: text, span: { start: 0, end: text.length } }]);
    },
  );

  it("reads back every number that is printed", () => {
    fc.assert(fc.property(fc.double(), (x) => Object.is(parseNumber(printNumber(x)), x)));
  });
});

describe("lists and comments", () => {
  it.each([
    ["(a (b c) ())", "(a (b c) ())"],
    ["[1 [2] (3)]", "[1 [2] (3)]"],
    ["(a)(b)c(d)", "(a) (b) c (d)"],
    ["1(2)3", "1 (2) 3"],
    ["a;b\nc", "a c"],
    ["a;b\r\nc", "a c"],
    ["a;b\rc", "a c"],
    ["a ; to the end", "a"],
    ["a #|x|# b", "a b"],
    ["#|a #| nested |# still |#b", "b"],
    ["#| ; |# a", "a"],
    ["; #|\na", "a"],
    ["#;a b", "b"],
    ["#; (a b) c", "c"],
    ["(a #;b)", "(a)"],
    ["#;#;a b c", "c"],
    ["#; ;x\n a b", "b"],
    ["(#;(#;a b c) d)", "(d)"],
    ["\ufeff(a\u00a0b)\t\f", "(a b)"],
    ["λ x' ".replace("'", "′"), "λ x′"],
    ["", ""],
  ])("reads %j", (text, wanted) => {
    expect(reading(text)).toBe(wanted);
  });

  it("gives each datum the span of its text", () => {
    const text = "(aa [1.5 #|x|# b])\r\n  ccc";
    const spans = (datum: Datum): string[] => [
      text.slice(datum.span.start, datum.span.end),
      ...(datum.kind === "list" ? datum.items.flatMap(spans) : []),
    ];
    expect(read(new Source(text)).flatMap(spans)).toEqual([
      "(aa [1.5 #|x|# b])",
      "aa",
      "[1.5 #|x|# b]",
      "1.5",
      "b",
      "ccc",
    ]);
  });

  it("counts lines by any of the three line ends", () => {
    const source = new Source("a\nb\r\nc\rd");
    expect([0, 2, 5, 7].map((offset) => source.position(offset).line)).toEqual([1, 2, 3, 4]);
    expect([1, 2, 3, 4, 5].map((line) => source.line(line))).toEqual(["a", "b", "c", "d", ""]);
  });

  it("nests to its limit and no deeper", () => {
    const nest = (depth: number) => "(".repeat(depth) + ")".repeat(depth);
    expect(reading(nest(nestingLimit))).toBe(nest(nestingLimit));
    expect(() => read(new Source(nest(nestingLimit + 1)))).toThrow(`nested deeper than ${nestingLimit} levels`);
  });

  it("reads back what is printed, whatever stands between", () => {
    const gap = fc.constantFrom(" ", "\n", "\t", "\r\n", " ; note\n", " #| x #| y |# |# ", " #;(a [b] 1) ");
    const atom = fc.oneof(
      fc.double().map(printNumber),
      fc.constantFrom("x", "+", "-", "list->vector", "__proto__", "π", "a.b", "=>", "zero?"),
    );
    const { datum } = fc.letrec<{ datum: { plain: string; spaced: string } }>((tie) => ({
      datum: fc.oneof(
        { maxDepth: 5 },
        atom.map((text) => ({ plain: text, spaced: text })),
        fc.tuple(fc.array(tie("datum"), { maxLength: 4 }), fc.boolean(), gap).map(([items, bracket, between]) => {
          const [open, close] = bracket ? ["[", "]"] : ["(", ")"];
          return {
            plain: open + items.map((item) => item.plain).join(" ") + close,
            spaced: open + between + items.map((item) => item.spaced).join(between) + between + close,
          };
        }),
      ),
    }));
    fc.assert(
      fc.property(datum, ({ plain, spaced }) => {
        expect(reading(spaced)).toBe(plain);
      }),
    );
  });

  it("answers any text with data or with one clear error", () => {
    const text = fc.string({ unit: fc.constantFrom(..."()[];#|'\" \n\t\r.,1-+etf/xλ😀".split("")), maxLength: 40 });
    fc.assert(
      fc.property(text, (text) => {
        try {
          reading(text);
        } catch (error) {
          expect(error).toHaveProperty("name", "SourceError");
        }
      }),
      { numRuns: 1000 },
    );
  });
});
