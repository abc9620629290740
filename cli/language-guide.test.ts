import { describe, expect, it } from "vitest";
import { compile } from "../direct/index.js";
import { opNames } from "../scheme/index.js";
import { languageGuide } from "./language-guide.js";

describe("the guide of the language", () => {
  const guide = languageGuide();
  const examples = [...guide.matchAll(/^- `(.*)` is (.*)$/gm)].map(([, text, value]) => [text, Number(value)] as const);

  it.each(examples)("is right that %s is %d", (text, value) => {
    expect(compile(text).evaluate({})).toBe(value);
  });

  it("has examples and every operation", () => {
    expect(examples.length).toBeGreaterThan(10);
    for (const name of opNames) expect(guide).toContain(`- \`${name}\`: `);
  });
});
