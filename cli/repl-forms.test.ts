import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { constantBody, definitionOf, isIncomplete, topLevelForms } from "./repl-forms.js";

describe("top-level forms", () => {
  const form = fc.letrec<{ form: string }>((tie) => ({
    form: fc.oneof(
      { maxDepth: 3 },
      fc.constantFrom("x", "12.5", "#t", "a-b", "+"),
      fc.array(tie("form"), { maxLength: 3 }).map((items) => `(${items.join(" ")})`),
      fc.array(tie("form"), { maxLength: 3 }).map((items) => `[${items.join("\n")}]`),
    ),
  })).form;
  const between = fc.constantFrom(" ", "\n", " ; it's (a comment\n", " #| ( [ |# ", " #;(gone [x]) ");

  it("are told apart, each standing where it stood", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(form, between), { maxLength: 5 }), (pairs) => {
        const text = pairs.map(([item, space]) => item + space).join("");
        const found = topLevelForms(text);
        expect(found.map((item) => item.trim())).toEqual(pairs.map(([item]) => item));
        for (const item of found) {
          const start = item.length - item.trimStart().length;
          expect(text.slice(start, item.length)).toBe(item.slice(start));
          expect(item.slice(0, start).split("\n")).toHaveLength(text.slice(0, start).split("\n").length);
        }
        expect(isIncomplete(text)).toBe(false);
        expect(isIncomplete(`${text}(`)).toBe(true);
        expect(isIncomplete(`${text}#|`)).toBe(true);
      }),
    );
  });

  it("are known as definitions", () => {
    expect(definitionOf("  (define (f x) x)")).toEqual({ name: "f", isFunction: true });
    expect(definitionOf("(define f (lambda (x) x))")).toEqual({ name: "f", isFunction: true });
    expect(definitionOf("(define k\n 2)")).toEqual({ name: "k", isFunction: false });
    expect(definitionOf("(defined k)")).toBeUndefined();
    expect(constantBody("\n(define k (+ 1 2))")).toBe("\n          (+ 1 2)");
    expect(constantBody("(define k 1 2)")).toBeUndefined();
    expect(constantBody("(define k)")).toBeUndefined();
  });
});
