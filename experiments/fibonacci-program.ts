/** The program of the papers' experiments with depth. */
import { assemble, type Image, link, registersOf } from "../assembler/index.js";
import { runExact } from "../machine/index.js";
import { aNormalForm, readProgram } from "../scheme/index.js";

/** Fibonacci's sequence from two given terms; `depth` is the paper's. */
const text = `(define (fibonacci a b depth)
  (if (= depth 0) a (fibonacci b (+ a b) (- depth 1))))`;

/** Its name in the image. */
export const fibonacciEntry = "fibonacci";

/** It alone, for values 0..n-1. */
export function fibonacciImage(n: number): Image {
  const name = fibonacciEntry;
  const assembly = assemble(aNormalForm(readProgram(text, { name, entry: name })), { name });
  return link([assembly], { n, registers: registersOf(assembly) });
}

/** The right answers [n, n] of a depth, by the two terms. */
export function fibonacciAnswers(image: Image, depth: number): Uint16Array {
  const { n } = image;
  return Uint16Array.from(
    { length: n * n },
    (_, pair) => runExact(image, fibonacciEntry, [Math.floor(pair / n), pair % n, depth]).result,
  );
}

/** Steps of the machine to a depth. */
export const fibonacciSteps = (image: Image, depth: number): number =>
  runExact(image, fibonacciEntry, [0, 0, depth]).steps;
