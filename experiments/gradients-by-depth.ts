/**
 * What an answer teaches about the operands, by the depth of the program between them: the gradient of the loss at the
 * operands' distributions, where the program steps in superposition, and where it is a tabulated call, which is exact.
 */
import { oneHot, seededRandom, tabulatedCall, tabulatedCallGradient } from "../machine/index.js";
import { SoftmachineError } from "../scheme/index.js";
import { fibonacciAnswers, fibonacciEntry, fibonacciImage, fibonacciSteps } from "./fibonacci-program.js";
import { superposed } from "./frozen-program.js";
import type { CallWay } from "./minimal-network.js";

/** Two gradients beside each other. */
export interface GradientComparison {
  readonly gradientNorm: Readonly<Record<CallWay, number>>;
  /** The cosine of the angle between them; 0 where one vanishes. */
  readonly cosine: number;
}

/** Compares the two ways' gradients of the same loss. */
export function compareGradients({
  superposition,
  ...others
}: Readonly<Record<CallWay, Float64Array>>): GradientComparison {
  const exact = others["tabulated call"];
  const gradientNorm = { superposition: norm(superposition), "tabulated call": norm(exact) };
  const product = gradientNorm.superposition * gradientNorm["tabulated call"];
  const along = superposition.reduce((sum, g, i) => sum + g * exact[i], 0);
  return { gradientNorm, cosine: product === 0 ? 0 : along / product };
}

/** The Euclidean norm, however small or large the numbers are. */
function norm(gradient: Float64Array): number {
  let sum = 0;
  // A part at a time: a call takes only so many arguments.
  for (let from = 0; from < gradient.length; from += 4096)
    sum = Math.hypot(sum, Math.hypot(...gradient.subarray(from, from + 4096)));
  return sum;
}

/** The mean total variation between rows of two arrays of distributions: 0 equal, 1 disjoint. */
export const totalVariation = (a: Float64Array, b: Float64Array, rows: number): number =>
  a.reduce((sum, p, i) => sum + Math.abs(p - b[i]), 0) / 2 / rows;

/** How sure a parse is of an operand: what is left of 1 is spread evenly over all values. */
export interface Certainty {
  /** P(the right number). */
  readonly right: number;
  /** P(the other term): what a pointer that can't tell the two apart gives. */
  readonly other: number;
}

/** Pairs of terms with the distributions that some parse has of them. */
export interface ParsedTerms {
  readonly n: number;
  /** [count, 2]: the terms. */
  readonly terms: Uint16Array;
  /** [count, 2, n]: the distributions. */
  readonly distributions: Float64Array;
}

/** Random pairs of terms, all parsed with the same certainty. */
export function parsedTerms(n: number, count: number, { right, other }: Certainty, seed = 1): ParsedTerms {
  const uniform = seededRandom(seed);
  const terms = Uint16Array.from({ length: 2 * count }, () => Math.floor(uniform() * n));
  const distributions = new Float64Array(2 * count * n).fill((1 - right - other) / n);
  terms.forEach((term, i) => {
    distributions[i * n + term] += right;
    distributions[i * n + terms[i ^ 1]] += other;
  });
  return { n, terms, distributions };
}

/** What the answer at one depth teaches about the terms. */
export interface DepthGradients extends GradientComparison {
  readonly depth: number;
  /** Steps of the machine. */
  readonly steps: number;
  /** The mean of -ln P(right answer). */
  readonly loss: Readonly<Record<CallWay, number>>;
  /** The mean total variation between the superposition's answers and the exact ones: 0 equal, 1 disjoint. */
  readonly variation: number;
}

/** Added to P(answer), as in training. */
const tiny = 1e-20;

/**
 * The gradient of the mean of -ln P(right answer) at the terms' distributions, by depth and both ways. Of each gradient
 * only what keeps a distribution's sum is compared: the same added to all its values moves nothing.
 *
 * @throws SoftmachineError when distributions are not [count, 2, n].
 */
export function gradientsByDepth(
  { n, terms, distributions }: ParsedTerms,
  depths: readonly number[],
): DepthGradients[] {
  const count = terms.length / 2;
  if (distributions.length !== terms.length * n)
    throw new SoftmachineError(
      `${terms.length} terms have ${terms.length * n} probabilities, not ${distributions.length}`,
    );
  const image = fibonacciImage(n);
  return depths.map((depth) => {
    const values = fibonacciAnswers(image, depth);
    const steps = fibonacciSteps(image, depth);
    const right = Array.from({ length: count }, (_, row) => values[terms[2 * row] * n + terms[2 * row + 1]]);
    const table = { name: fibonacciEntry, operands: 2, n, values };
    const exact = tabulatedCall(table, distributions, count);
    const program = superposed(image, fibonacciEntry, 3, steps);
    const soft = program.forward(withDepth(distributions, count, depth, n), count);
    const [ofSoft, ofExact] = [lossOf(soft, right, n), lossOf(exact, right, n)];
    const gradients: Record<CallWay, Float64Array> = {
      superposition: withoutDepth(program.backward(ofSoft.cotangent), count, n),
      "tabulated call": tabulatedCallGradient(table, distributions, ofExact.cotangent, count),
    };
    for (const gradient of Object.values(gradients)) keepSums(gradient, n);
    return {
      depth,
      steps,
      loss: { superposition: ofSoft.loss, "tabulated call": ofExact.loss },
      ...compareGradients(gradients),
      variation: totalVariation(soft, exact, count),
    };
  });
}

/** The mean of -ln P(right answer), and its gradient at the answers [count, n]. */
function lossOf(answers: Float64Array, right: readonly number[], n: number) {
  const cotangent = new Float64Array(answers.length);
  let loss = 0;
  right.forEach((answer, row) => {
    const p = answers[row * n + answer] + tiny;
    loss -= Math.log(p) / right.length;
    cotangent[row * n + answer] = -1 / p / right.length;
  });
  return { loss, cotangent };
}

/** [count, 3, n]: the terms' distributions, and the depth, which is certain. */
function withDepth(distributions: Float64Array, count: number, depth: number, n: number): Float64Array {
  const all = new Float64Array(count * 3 * n);
  const certain = oneHot([depth], n);
  for (let row = 0; row < count; row++) {
    all.set(distributions.subarray(row * 2 * n, (row + 1) * 2 * n), row * 3 * n);
    all.set(certain, (row * 3 + 2) * n);
  }
  return all;
}

/** [count, 2, n] of [count, 3, n]. */
function withoutDepth(gradient: Float64Array, count: number, n: number): Float64Array {
  const terms = new Float64Array(count * 2 * n);
  for (let row = 0; row < count; row++) terms.set(gradient.subarray(row * 3 * n, (row * 3 + 2) * n), row * 2 * n);
  return terms;
}

/** Takes from each row of a gradient its mean. */
function keepSums(gradient: Float64Array, n: number): void {
  for (let from = 0; from < gradient.length; from += n) {
    const row = gradient.subarray(from, from + n);
    const mean = row.reduce((sum, g) => sum + g, 0) / n;
    for (let i = 0; i < n; i++) row[i] -= mean;
  }
}
