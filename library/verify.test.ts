import { describe, expect, test } from "vitest";
import { link } from "../assembler/index.js";
import { flash, flashBinary, LazyTable } from "../machine/index.js";
import { compileProgram } from "./compile-program.js";
import { parsed, programText } from "./testing.js";
import { cellsTouched } from "./touched-cells.js";
import { VerificationFailure } from "./verification.js";
import { verifyCircuit } from "./verify-circuit.js";
import { verifyDirect, verifyWholePaths } from "./verify-direct.js";
import { verifyAgainstReference, verifyExamples } from "./verify-exact.js";
import { verifySoft } from "./verify-soft.js";
import { verifyFiniteGradient, verifySoftSlopes } from "./verify-soft-gradient.js";
import { verifyTabulated } from "./verify-tabulated.js";

const larger = parsed(programText("larger", ["a", "b"], "(larger 3 5) => 5", "(define (larger a b) (if (< a b) b a))"));
const smaller = parsed(
  programText("larger", ["a", "b"], "(larger 3 5) => 3", "(define (larger a b) (if (< b a) b a))"),
);
const imageOf = (program: typeof larger, n: number) => link([compileProgram(program, 16)], { n });
const image = imageOf(larger, 8);
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
    verifyFiniteGradient(larger, image, soft, 10);
    soft.op[1] = Number.NaN;
    expect(failureOf(() => verifyFiniteGradient(larger, image, soft, 10)).message).toMatch(
      /^"larger": the gradient with respect to ".+" is not finite$/,
    );
  });
});

const rotated = parsed(
  programText(
    "rotated",
    ["k (0..5)", "v (3 of 0..9)"],
    "(rotated 2 [1 2 3]) => [3 1 2]",
    `(define (rotated k v)
  (if (= k 0) v (rotated (- k 1) [(ref v 1) (ref v 2) (ref v 0)])))`,
    "(3 of 0..9)",
  ),
);
const total = parsed(programText("total", ["v (4 of 0..9)"], "(total [1 2 3 4]) => 10", "(define (total v) (vsum v))"));

describe("programs on arrays", () => {
  test("agree with the reference, the soft machine and the machine on bits on their ranges", () => {
    const rotating = imageOf(rotated, 16);
    const { coverage } = verifyAgainstReference(rotated, rotating, limits);
    expect(coverage).toEqual({ n: 16, inputs: 1000, exhaustive: false, first: 4 });
    expect(verifyExamples(rotated, rotating, limits)).toBe(1);
    expect(verifySoft(rotated, rotating, flash(rotating), 50)).toMatchObject({ inputs: 50 });
    expect(verifyCircuit(rotated, rotating, flashBinary(rotating), 500)).toBeGreaterThan(3);
    expect(verifySoftSlopes(rotated, rotating, flash(rotating), 200, 4)).toBe(4);
    expect(verifyWholePaths(rotated, 16, limits)).toBe(64);
    expect(cellsTouched(rotated, rotating)).toBeGreaterThanOrEqual(6);
  });

  test("that differ are told by the smallest arrays", () => {
    const other = { ...rotated, program: { ...rotated.program, functions: parsed(reversed).program.functions } };
    const failure = failureOf(() => verifyAgainstReference(other, imageOf(rotated, 16), limits));
    expect(failure.message).toBe(
      '"rotated" with k = 1, v = [0 0 1], n = 16: the machine gives [0 1 0], the reference [1 0 0]',
    );
    expect(failure.input).toEqual([1, [0, 0, 1]]);
  });

  test("have tables of answers", () => {
    const summing = imageOf(total, 16);
    expect(verifyTabulated(total, summing, new LazyTable(summing, "total"), 20)).toBe(40);
  });
});

const reversed = programText(
  "rotated",
  ["k (0..5)", "v (3 of 0..9)"],
  "(rotated 2 [1 2 3]) => [1 2 3]",
  `(define (rotated k v)
  (if (= k 0) v (rotated (- k 1) [(ref v 2) (ref v 1) (ref v 0)])))`,
  "(3 of 0..9)",
);

describe("circuits, tables and slopes", () => {
  test("a machine on bits of another program is told apart", () => {
    expect(verifyCircuit(larger, image, flashBinary(image), 10_000)).toBe(64);
    const other = flashBinary(imageOf(smaller, 8));
    expect(failureOf(() => verifyCircuit(larger, image, other, 10_000)).stage).toBe("circuit");
  });

  test("runs that take too long for the circuits are passed over", () => {
    expect(verifyCircuit(larger, image, flashBinary(image), 12)).toBeLessThan(4);
  });

  test("a table of other answers is told apart", () => {
    expect(verifyTabulated(larger, image, new LazyTable(image, "larger"), 30)).toBe(60);
    const other = new LazyTable(imageOf(smaller, 8), "larger");
    const failure = failureOf(() => verifyTabulated(larger, image, other, 30));
    expect(failure.stage).toBe("tabulated");
    expect(failure.message).toMatch(/^"larger" with a = \d, b = \d, n = 8: a tabulated call gives \d with probability/);
  });

  test("slopes are those that differences show", () => {
    expect(verifySoftSlopes(larger, image, flash(image), 100, 3)).toBe(2);
    expect(verifySoftSlopes(larger, image, flash(image), 100, 1)).toBe(1);
  });
});

test("a result that is not what its file says fails at the smallest operands", () => {
  const whole = parsed(programText("f", ["a"], "(f 1) => 1", "(define (f a) a)", "(0..1)"));
  const failure = failureOf(() => verifyWholePaths(whole, 16, { steps: 1000 }));
  expect(failure).toMatchObject({ stage: "paths", input: [2] });
  expect(failure.message).toBe('"f" with a = 2: the result, 2, is not of type (0..1)');
  const real = parsed(programText("g", ["a (real 0..1)"], "(g 0) => 0", "(define (g a) (* 2 a))", "(real 0..1)"));
  expect(failureOf(() => verifyDirect(real, 1000)).message).toMatch(/^"g" with a = 0\.\d+: the result, 1\./);
});

describe("programs of real numbers", () => {
  const real = (code: string, example = "(f 1 [2 3]) => 5") =>
    parsed(programText("f", ["a (real)", "v (2 of real 0..10, m)"], example, `(define (f a v) ${code})`, "(real)"));

  test("agree on every path, slopes included", () => {
    expect(verifyDirect(real("(* a (vsum v))"), 1000)).toEqual({ examples: 1, paths: 256, gradient: 32 });
    expect(verifyDirect(real("(+ (sin a) (* a (norm v)))", "(f 0 [3 4]) => 0"), 1000).gradient).toBe(32);
  });

  test("fail where they have no value", () => {
    const failure = failureOf(() => verifyDirect(real("(sqrt (- -1 (* a a)))", "(f 1 [2 3]) => 0"), 1000));
    expect(failure.stage).toBe("example");
    const nowhere = { ...real("(sqrt (- -1 (* a a)))", "(f 1 [2 3]) => 0"), examples: [] };
    expect(failureOf(() => verifyDirect(nowhere, 1000)).message).toBe(
      '"f" has no finite value on 256 inputs of its ranges',
    );
    const endless = { ...real("(let go ((x a)) (if (= x 9) x (go x)))", "(f 9 [2 3]) => 9") };
    expect(failureOf(() => verifyDirect(endless, 1000))).toMatchObject({ stage: "paths" });
  });

  test("with a slope that differences do not show fail", () => {
    // Its slope is 0 by definition, where differences span many steps.
    const stairs = real("(floor (* 1e6 a))", "(f 0 [2 3]) => 0");
    expect(failureOf(() => verifyDirect(stairs, 1000)).message).toMatch(
      /: the slope in its number 0 is 0; differences/,
    );
  });
});
