import { describe, expect, it } from "vitest";
import { assemble, type Image, link, registersOf } from "../assembler/index.js";
import { aNormalForm, readProgram } from "../scheme/index.js";
import {
  type CertaintyLoss,
  certaintyLosses,
  entryOf,
  exactStates,
  flash,
  flashLogits,
  initialState,
  oneHot,
  programFromLogits,
  softTrace,
  totalEntropy,
  tracePair,
} from "./index.js";

const n = 8;

function imageOf(text: string): Image {
  const assembly = assemble(aNormalForm(readProgram(text)));
  return link([assembly], { n, registers: registersOf(assembly) });
}

function lossesOf(image: Image, operands: readonly number[], distributions?: Float64Array): readonly CertaintyLoss[] {
  const pair = tracePair(image, "main", operands, distributions);
  return certaintyLosses(pair, exactStates(image, entryOf(image, "main"), operands, pair.exact));
}

/** A distribution over two values. */
const either = (first: number, second: number, weight = 0.5): Float64Array =>
  oneHot([first], n).map((p, v) => (v === second ? 1 - weight : p * weight));

describe("certainty", () => {
  it("is not lost from certain operands", () => {
    expect(lossesOf(imageOf("(define (f a) (if (= a 0) 1 (* a (f (- a 1))))) (f a)"), [3])).toEqual([]);
  });

  it("is lost where an uncertain value is written, and the counter where it decides a jump", () => {
    const image = imageOf("(if (< a 2) b (+ a b))");
    const losses = lossesOf(image, [0, 5], Float64Array.of(...either(0, 3), ...oneHot([5], n)));
    expect(losses[0]).toEqual({ kind: "register", index: 0, step: 0, line: undefined, entropy: 1 });
    const [, second, third] = losses;
    // The comparison's result, then the jump that asks for it.
    expect(second).toMatchObject({ kind: "register", entropy: 1 });
    expect(second.index).toBeGreaterThan(1);
    const { soft, exact } = tracePair(image, "main", [0, 5], Float64Array.of(...either(0, 3), ...oneHot([5], n)));
    expect(exact[second.step - 1].op).toBe("lt");
    expect(exact[third.step - 1].op).toBe("jump");
    expect(third).toMatchObject({ kind: "counter", entropy: 1, line: exact[third.step - 1].line });
    expect(losses.some(({ index, kind }) => kind === "register" && index === 1)).toBe(false);
    expect(totalEntropy(soft[0])).toBe(1);
    expect(totalEntropy(soft[third.step])).toBeCloseTo(3, 12);
  });

  it("is lost to another value, however certain", () => {
    const image = imageOf("(+ a 1)");
    const losses = lossesOf(image, [2], oneHot([4], n));
    expect(losses).toEqual([{ kind: "register", index: 0, step: 0, line: undefined, entropy: 0 }]);
  });

  it("is lost at once by a program that is not certain", () => {
    const image = imageOf("(+ a 1)");
    const pair = tracePair(image, "main", [2]);
    const soft = softTrace(
      programFromLogits(image, flashLogits(image, 4)),
      initialState(image, "main", oneHot([2], n), 1),
      pair.exact.length,
    );
    const states = exactStates(image, entryOf(image, "main"), [2], pair.exact);
    expect(certaintyLosses({ soft, exact: pair.exact }, states).map(({ step }) => step)).toContain(1);
    expect(
      certaintyLosses(
        { soft: softTrace(flash(image), initialState(image, "main", oneHot([2], n), 1), 2), exact: pair.exact },
        states,
      ),
    ).toEqual([]);
  });
});
