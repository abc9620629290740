import { describe, expect, test } from "vitest";
import { link } from "../assembler/index.js";
import { flash } from "../machine/index.js";
import { compileProgram } from "./compile-program.js";
import { parsed, programText } from "./testing.js";
import { VerificationFailure } from "./verification.js";
import { verifyAgainstReference, verifyExamples } from "./verify-exact.js";
import { verifyGradient, verifySoft } from "./verify-soft.js";

const larger = parsed(programText("larger", ["a", "b"], "(larger 3 5) => 5", "(define (larger a b) (if (< a b) b a))"));
const smaller = parsed(
  programText("larger", ["a", "b"], "(larger 3 5) => 3", "(define (larger a b) (if (< b a) b a))"),
);
const imageOf = (program: typeof larger, n: number) => link([compileProgram(program, 16)], { n });
const limits = { steps: 10_000, inputs: 1000, work: 1_000_000 };

const failureOf = (check: () => unknown): VerificationFailure => {
  try {
    check();
  } catch (error) {
    if (error instanceof VerificationFailure) return error;
    throw error;
  }
  throw new Error("the check passed");
};

describe("the exact machine against the reference", () => {
  test("all inputs of a right program agree", () => {
    const { coverage, steps } = verifyAgainstReference(larger, imageOf(larger, 8), limits);
    expect(coverage).toEqual({ n: 8, inputs: 64, exhaustive: true });
    expect(steps.worst).toBeGreaterThanOrEqual(steps.mean);
    expect(steps.mean).toBeGreaterThan(1);
  });

  test("a sample is said to be one", () => {
    const { coverage } = verifyAgainstReference(larger, imageOf(larger, 64), { ...limits, inputs: 100 });
    expect(coverage).toEqual({ n: 64, inputs: 100, exhaustive: false, first: 7 });
  });

  test("an image that computes something else fails at the smallest input", () => {
    const failure = failureOf(() => verifyAgainstReference(larger, imageOf(smaller, 8), limits));
    expect(failure.stage).toBe("exact");
    expect(failure.input).toEqual([0, 1]);
    expect(failure.message).toBe('"larger" with a = 0, b = 1, n = 8: the machine gives 0, the reference 1');
  });

  test("an input on which the program does not end is named", () => {
    const code = "(define (endless a) (if (= a 3) (endless a) a))";
    const endless = parsed(programText("endless", ["a"], "(endless 0) => 0", code));
    const failure = failureOf(() => verifyAgainstReference(endless, imageOf(endless, 8), limits));
    expect(failure.input).toEqual([3]);
    expect(failure.message).toContain('"endless" with a = 3, n = 8: the program has no value: still running');
  });
});

describe("examples", () => {
  test("those that hold are counted", () => {
    expect(verifyExamples(larger, imageOf(larger, 8), limits)).toBe(1);
  });

  test("one that does not hold is shown where it stands", () => {
    const failure = failureOf(() =>
      verifyExamples({ ...larger, examples: smaller.examples }, imageOf(larger, 8), limits),
    );
    expect(failure.stage).toBe("example");
    expect(failure.input).toEqual([3, 5]);
    expect(failure.message).toMatch(/^tests\/larger\.scm:6:5: this example does not hold: the program gives 5\n/);
  });

  test("one that holds in the language only is no example of the machine", () => {
    const code = "(define (few a b) (if (< (+ a b) 10) 1 0))";
    const few = parsed(programText("few", ["a", "b"], "(few 20 15) => 0", code));
    expect(failureOf(() => verifyExamples(few, imageOf(few, 32), limits)).message).toContain(
      "this example does not hold on the machine, where n = 32: the program gives 1 there",
    );
    expect(verifyExamples(few, imageOf(few, 16), limits)).toBe(1);
  });

  test("decimals are met to nine digits, whole numbers exactly", () => {
    const third = (result: string) =>
      parsed(programText("third", ["a"], `(third 1) => ${result}`, "(define (third a) (/ a 3))", "(real)"));
    const check = (result: string) => verifyExamples(third(result), undefined, limits);
    expect(check("0.3333333333")).toBe(1);
    expect(failureOf(() => check("0.3333")).message).toContain("does not hold");
    expect(failureOf(() => check("0")).message).toContain("does not hold");
  });
});

describe("the soft machine", () => {
  const image = imageOf(larger, 8);

  test("its end is the exact machine's, to the bit", () => {
    expect(verifySoft(larger, image, flash(image), 1000)).toEqual({ n: 8, inputs: 64, exhaustive: true });
  });

  test("another soft program is told apart, by the smallest input", () => {
    const failure = failureOf(() => verifySoft(larger, image, flash(imageOf(smaller, 8)), 1000));
    expect(failure.stage).toBe("soft");
    expect(failure.input).toEqual([0, 1]);
  });

  test("so is one that is almost certain", () => {
    const soft = flash(image);
    soft.op[0] = 1e-9;
    expect(failureOf(() => verifySoft(larger, image, soft, 1000)).stage).toBe("soft");
  });

  test("its gradient is finite, and one that is not is found", () => {
    const soft = flash(image);
    verifyGradient(larger, image, soft, 10);
    soft.op[1] = Number.NaN;
    expect(failureOf(() => verifyGradient(larger, image, soft, 10)).message).toMatch(
      /^"larger": the gradient with respect to ".+" is not finite$/,
    );
  });
});
