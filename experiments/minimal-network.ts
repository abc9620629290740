/**
 * The minimal network of "Algorithmic Language Models with Neurally Compiled Libraries" (2024), section 4.1, table 1: one
 * layer before a frozen program and one after, trained from answers alone. The layer before routes: which of the numbers
 * shown, in an order that it is not told, is which operand. The layer after reads the answer. The program is run as the
 * paper does, stepping in superposition, or as a tabulated call.
 */
import {
  choose,
  isBetter,
  meanScore,
  choosingSeeds as moreSeeds,
  type Score,
  type Scored,
  type Tried,
} from "./choice.js";
import { fibonacciAnswers, fibonacciEntry, fibonacciImage, fibonacciSteps } from "./fibonacci-program.js";
import { type FrozenProgram, superposed, tabulated } from "./frozen-program.js";
import { compareGradients, type GradientComparison, totalVariation } from "./gradients-by-depth.js";
import {
  type NetworkSettings,
  operandCount,
  questionsAbout,
  type RoutingTask,
  splitOf,
  type TrainingLength,
  trainNetwork,
} from "./minimal-network-training.js";
import { newNetwork, routeOperands, routingGradient } from "./routing-network.js";

export const callWays = ["superposition", "tabulated call"] as const;
export type CallWay = (typeof callWays)[number];

/** The accuracies that the paper reports, by depth. */
export const paperAccuracies: ReadonlyMap<number, number> = new Map([
  [1, 0.7321],
  [2, 0.7052],
  [3, 0.0707],
]);

export interface MinimalNetworkOptions extends Partial<TrainingLength> {
  /** Default 1 to 10. */
  readonly depths?: readonly number[];
  /** A network is trained for each way, depth and seed. Default 1 to 5. */
  readonly seeds?: readonly number[];
  /** Values are 0..n-1, and answers modulo n. Default 16. */
  readonly n?: number;
  /**
   * Of these the most accurate on validation questions are chosen, for each way and depth, with networks of seeds that
   * are not reported, from one start each; of equals the smaller rate. Default rates 0.02 and 0.1, each with spreads 0.1
   * and 1.
   */
  readonly candidates?: readonly [NetworkSettings, ...NetworkSettings[]];
  /** Told of each network when it has been trained. */
  readonly onNetwork?: (network: Progress) => void;
}

/** A network, and how many of the networks have been trained. */
export interface Progress {
  readonly way: CallWay;
  readonly depth: number;
  readonly validation: Score;
  readonly trained: number;
  readonly networks: number;
}

/** A trained network. */
export interface MinimalNetworkRow extends NetworkSettings, Score {
  readonly way: CallWay;
  readonly depth: number;
  readonly seed: number;
  /** The training step at which its validation score was best, and that score; accuracy and loss are the test's. */
  readonly step: number;
  readonly validation: Score;
  /** How many starts were made, of which this is the best. */
  readonly starts: number;
}

/**
 * What the two ways make of operands about which nothing has been learned yet: each is any of the three numbers. The
 * gradients are of the mean P(right answer) with respect to the routing's logits.
 */
export interface DepthMeasurement extends GradientComparison {
  readonly depth: number;
  /** Steps of the machine. */
  readonly steps: number;
  /** The mean total variation between the superposition's answers and the exact ones: 0 equal, 1 disjoint. */
  readonly variation: number;
}

export interface MinimalNetworkResult extends TrainingLength {
  readonly n: number;
  /** How many pairs of terms a network learns from, chooses by, and is tested on. */
  readonly questions: Readonly<Record<"training" | "validation" | "test", number>>;
  readonly rows: readonly MinimalNetworkRow[];
  /** How the settings were chosen, where there was a choice: mean scores on validation questions of the choosing seeds. */
  readonly choosingSeeds: readonly number[];
  readonly tried: readonly ({ readonly way: CallWay; readonly depth: number } & Tried<NetworkSettings>)[];
  readonly measurements: readonly DepthMeasurement[];
}

/** Networks in superposition take long: three of them, for each of the settings. */
const choosingSeeds = moreSeeds.slice(0, 3);

const defaultCandidates: readonly [NetworkSettings, ...NetworkSettings[]] = [
  { rate: 0.02, spread: 0.1 },
  { rate: 0.1, spread: 0.1 },
  { rate: 0.02, spread: 1 },
  { rate: 0.1, spread: 1 },
];

/** Of settings that are as accurate the smaller rate: what is lost in loss it gains in steadiness. */
function isPreferred(a: Scored<NetworkSettings>, b: Scored<NetworkSettings>): boolean {
  const equal = a.validation.accuracy === b.validation.accuracy && a.candidate.rate !== b.candidate.rate;
  return equal ? a.candidate.rate < b.candidate.rate : isBetter(a.validation, b.validation);
}

/** Chooses settings, trains networks and measures them; the same options give the same result. */
export function minimalNetwork(options: MinimalNetworkOptions = {}): MinimalNetworkResult {
  const { depths = range(1, 10), seeds = range(1, 5), n = 16, trainingSteps = 600, batch = 64, onNetwork } = options;
  const { candidates = defaultCandidates, starts = 4 } = options;
  const image = fibonacciImage(n);
  const call = tabulated(image, fibonacciEntry, operandCount);
  const [rows, tried, measurements] = [[], [], []] as [
    MinimalNetworkRow[],
    MinimalNetworkResult["tried"][number][],
    DepthMeasurement[],
  ];
  const choosing = candidates.length > 1 ? candidates.length * choosingSeeds.length : 0;
  const networks = depths.length * callWays.length * (choosing + seeds.length);
  let trained = 0;
  for (const depth of depths) {
    const answers = fibonacciAnswers(image, depth);
    const steps = fibonacciSteps(image, depth);
    const programs: Record<CallWay, FrozenProgram> = {
      superposition: superposed(image, fibonacciEntry, operandCount, steps),
      "tabulated call": call,
    };
    const taskOf = (way: CallWay): RoutingTask => ({ depth, n, answers, program: programs[way] });
    measurements.push({ depth, steps, ...measure(taskOf) });
    for (const way of callWays) {
      const train = (seed: number, settings: NetworkSettings, mostStarts: number) => {
        const length = { trainingSteps, batch, starts: mostStarts };
        const network = trainNetwork(taskOf(way), seed, settings, length);
        onNetwork?.({ way, depth, validation: network.validation, trained: ++trained, networks });
        return network;
      };
      const choice = choose(
        candidates,
        (settings) => meanScore(choosingSeeds.map((seed) => train(seed, settings, 1).validation)),
        isPreferred,
      );
      tried.push(...choice.tried.map((settings) => ({ way, depth, ...settings })));
      for (const seed of seeds) {
        const { test, ...training } = train(seed, choice.chosen, starts);
        rows.push({ way, depth, seed, ...test(), ...choice.chosen, ...training });
      }
    }
  }
  const { training, validation, test } = splitOf(n, 0);
  const questions = { training: training.length, validation: validation.length, test: test.length };
  return { n, trainingSteps, batch, starts, questions, rows, choosingSeeds, tried, measurements };
}

const range = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, i) => first + i);

/** Both ways on every pair of terms, with a network whose routing is undecided. */
function measure(taskOf: (way: CallWay) => RoutingTask): Omit<DepthMeasurement, "depth" | "steps"> {
  const task = taskOf("superposition");
  const { n } = task;
  const network = newNetwork(operandCount, n, 0, () => 0);
  const questions = questionsAbout(range(0, n * n - 1), task, range(0, operandCount - 1));
  const { count } = questions;
  const distributions = routeOperands(network, questions);
  const cotangent = new Float64Array(count * n);
  questions.answers.forEach((answer, row) => {
    cotangent[row * n + answer] = 1 / count;
  });
  const through = (way: CallWay) => {
    const { program } = taskOf(way);
    const answered = program.forward(distributions, count);
    return { answered, gradient: routingGradient(network, questions, program.backward(cotangent)) };
  };
  const soft = through("superposition");
  const exact = through("tabulated call");
  return {
    ...compareGradients({ superposition: soft.gradient, "tabulated call": exact.gradient }),
    variation: totalVariation(soft.answered, exact.answered, count),
  };
}
