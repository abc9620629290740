import { describe, expect, it } from "vitest";
import { assemble, link } from "../../assembler/index.js";
import { aNormalForm, readProgram } from "../../scheme/index.js";
import { flash, initialState, memorize, oneHot, softRun } from "../index.js";

const source = "(define (gcd a b) (if (= b 0) a (gcd b (modulo a b))))";
const image = link([assemble(aNormalForm(readProgram(source, { entry: "gcd" })), { name: "gcd" })], {
  n: 24,
  registers: 6,
});

describe("compilation by memorization", () => {
  it("puts a program in a network that then is the program", () => {
    const { program, exact, confidence, loss, iterations } = memorize(image, {
      confidence: 0.9999,
      learningRate: 0.05,
    });
    expect(exact).toBe(true);
    expect(confidence).toBeGreaterThan(0.9999);
    expect(loss).toBeLessThan(1e-3);
    expect(iterations).toBeLessThan(2000);
    const state = initialState(image, "gcd", oneHot([18, 12], 24), 1);
    const right = softRun(flash(image), state, { steps: 30 });
    const memorized = softRun(program, state, { steps: 30 });
    expect(right.registers[6]).toBe(1);
    expect(memorized.registers[6]).toBeGreaterThan(0.9);
  });

  it("says how far it came", () => {
    const short = memorize(image, { iterations: 3 });
    expect(short).toMatchObject({ exact: false, iterations: 3 });
    expect(short.confidence).toBeLessThan(0.5);
    expect(memorize(image, { iterations: 3 })).toEqual(short);
    expect(() => memorize(image, { hidden: 0 })).toThrow("the width of the hidden layer must be a whole number");
  });
});
