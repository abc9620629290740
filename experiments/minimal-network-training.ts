/** How a minimal network is trained from answers alone, and on which questions it is judged. */
import { seededRandom } from "../machine/index.js";
import { isBetter, type Score } from "./choice.js";
import type { FrozenProgram } from "./frozen-program.js";
import {
  improve,
  newNetwork,
  type Questions,
  type RoutingNetwork,
  readAnswers,
  routeOperands,
} from "./routing-network.js";
import { shuffled } from "./shuffled.js";

/** Two terms and the depth. */
export const operandCount = 3;

/** What networks learn: the answers [n, n] of a frozen program to pairs of terms, at one depth. */
export interface RoutingTask {
  readonly depth: number;
  readonly n: number;
  readonly answers: Uint16Array;
  readonly program: FrozenProgram;
}

export interface NetworkSettings {
  /** Adam's rate. */
  readonly rate: number;
  /** Parameters are drawn from -spread to spread. */
  readonly spread: number;
}

/** How long a network is trained. */
export interface TrainingLength {
  /** Default 600. */
  readonly trainingSteps: number;
  /** Questions of a step. Default 64. */
  readonly batch: number;
  /**
   * A network that does not get every validation question right is trained again from other parameters, up to so many
   * times in all; the best on validation questions counts. Default 4.
   */
  readonly starts: number;
}

/** Pairs of terms a and b, as a n + b, in three parts that share none. */
export interface Split {
  readonly training: readonly number[];
  readonly validation: readonly number[];
  /** The same pairs for every seed: no choice has seen them. */
  readonly test: readonly number[];
}

/**
 * One for all seeds, so that no test question is among another seed's validation questions, by which settings are chosen.
 * Whoever chooses anything after looking at test results must change it.
 */
const testSeed = 6000;
/** Steps between looks at the validation questions. */
const lookEvery = 25;

/** A quarter of all pairs for the test; of the others, in an order of the seed's, a quarter to validate. */
export function splitOf(n: number, seed: number): Split {
  const pairs = shuffled(n * n, seededRandom(testSeed));
  const test = pairs.splice(0, Math.ceil(pairs.length / 4));
  const training = shuffled(pairs.length, seededRandom(seed)).map((i) => pairs[i]);
  const validation = training.splice(0, Math.ceil(training.length / 4));
  return { training, validation, test };
}

/** Questions about pairs of terms, the operands in the places that `order` says. */
export function questionsAbout(
  pairs: readonly number[],
  { depth, n, answers }: RoutingTask,
  order: readonly number[],
): Questions {
  const shown = new Uint16Array(pairs.length * operandCount);
  pairs.forEach((pair, i) => {
    [Math.floor(pair / n), pair % n, depth].forEach((value, operand) => {
      shown[i * operandCount + order[operand]] = value;
    });
  });
  return { count: pairs.length, shown, answers: Uint16Array.from(pairs, (pair) => answers[pair]) };
}

/** A network as it was when its validation score was best. */
export interface TrainedNetwork {
  readonly validation: Score;
  /** The training step after which it was so, and how many starts were made. */
  readonly step: number;
  readonly starts: number;
  /** What it comes to on the test questions. */
  test(): Score;
}

/** Trains a network; the same task, seed and settings give the same. */
export function trainNetwork(
  task: RoutingTask,
  seed: number,
  { rate, spread }: NetworkSettings,
  { trainingSteps, batch, starts }: TrainingLength,
): TrainedNetwork {
  const { n, program } = task;
  const { training, validation, test } = splitOf(n, seed);
  const uniform = seededRandom(seed + 10_000);
  const order = shuffled(operandCount, uniform);
  const toValidate = questionsAbout(validation, task, order);
  const trainFrom = (network: RoutingNetwork): Snapshot => {
    let best = { network: structuredClone(network), score: scoreOf(network, program, toValidate), step: 0 };
    for (let step = 1; step <= trainingSteps; step++) {
      const drawn = Array.from({ length: batch }, () => training[Math.floor(uniform() * training.length)]);
      improve(network, program, questionsAbout(drawn, task, order), rate, step);
      if (step % lookEvery !== 0 && step < trainingSteps) continue;
      const score = scoreOf(network, program, toValidate);
      if (isBetter(score, best.score)) best = { network: structuredClone(network), score, step };
    }
    return best;
  };
  const newStart = () => trainFrom(newNetwork(operandCount, n, spread, uniform));
  let best = newStart();
  let made = 1;
  for (; made < starts && best.score.accuracy < 1; made++) {
    const other = newStart();
    if (isBetter(other.score, best.score)) best = other;
  }
  const { network, score, step } = best;
  return {
    validation: score,
    step,
    starts: made,
    test: () => scoreOf(network, program, questionsAbout(test, task, order)),
  };
}

/** A network during its training. */
interface Snapshot {
  readonly network: RoutingNetwork;
  readonly score: Score;
  readonly step: number;
}

function scoreOf(network: RoutingNetwork, program: FrozenProgram, questions: Questions): Score {
  const answered = program.forward(routeOperands(network, questions), questions.count);
  const { accuracy, loss } = readAnswers(network, answered, questions);
  return { accuracy, loss };
}
