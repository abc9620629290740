import { adamStep, withMoments } from "../direct/index.js";
import {
  CircuitAlu,
  certainBits,
  likeliest,
  likeliestValue,
  type SoftAlu,
  seededRandom,
  TableAlu,
} from "../machine/index.js";
import { choose, choosingSeeds, meanScore, type Score, type Tried } from "./choice.js";
import { base, digitBits, drawLessons, type Lesson, type Lessons, part, shape } from "./digit-lessons.js";
import {
  distributionsOf,
  type NetworkLogits,
  newLogits,
  operandsGradient,
  operandsOf,
  partNames,
  throughSoftmax,
} from "./digit-network.js";
import { shuffled } from "./shuffled.js";

export interface TablesAndCircuitsOptions {
  /** One network of each kind is trained for each seed. Default 1 to 5. */
  readonly seeds?: readonly number[];
  /** Passes through the questions. Default 12. */
  readonly epochs?: number;
  /** Questions to learn from. Default 4096. */
  readonly questions?: number;
  /** Questions to validate with, and at each width to test with. None of them is among those learned from. Default 1024. */
  readonly heldOut?: number;
  /** Digits of the numbers that it learns from, in base 4. Default 3: values 0 to 63. */
  readonly length?: number;
  /**
   * Adam's rates, of which the best on validation questions is chosen for each training, with networks of seeds that are
   * not reported. Default 0.02, 0.05, 0.1 and 0.2.
   */
  readonly rates?: readonly [number, ...number[]];
  /** Told of each network when it has been trained. */
  readonly onNetwork?: (network: TrainedNetwork) => void;
}

export type AluKind = "table" | "circuit";

/** What a network learns with: one ALU throughout, or the table for the first third of the epochs and then the circuits. */
export type Training = AluKind | "table, then circuit";

const trainings: readonly Training[] = ["table", "circuit", "table, then circuit"];

/** A network, and how many of the networks have been trained. */
export interface TrainedNetwork {
  readonly trainedWith: Training;
  readonly validation: Score;
  readonly trained: number;
  readonly networks: number;
}

/** A network, trained with one ALU and then run with one on test questions. */
export interface AccuracyRow {
  readonly seed: number;
  readonly trainedWith: Training;
  readonly rate: number;
  readonly runWith: AluKind;
  /** Of the numbers in the questions. */
  readonly bits: number;
  /** The share of test questions whose answer is right in every bit: of the network as trained. */
  readonly soft: number;
  /** And of the network with each choice replaced by its likeliest. */
  readonly certain: number;
}

/** How a network learned: what it got right of validation questions. */
export interface LearningCurve {
  readonly seed: number;
  readonly trainedWith: Training;
  /** Before each epoch, and after the last. */
  readonly accuracy: readonly number[];
  readonly loss: readonly number[];
}

export interface TablesAndCircuitsResult {
  readonly rows: readonly AccuracyRow[];
  readonly curves: readonly LearningCurve[];
  /** How the rates were chosen, where there was a choice: mean scores on validation questions of the choosing seeds. */
  readonly choosingSeeds: readonly number[];
  readonly tried: readonly ({ readonly trainedWith: Training } & Tried<{ readonly rate: number }>)[];
}

const batch = 64;

/** Right answers are in the unit encoding the likeliest value's, in the binary one those of the likeliest bits. */
function scoreOf(logits: NetworkLogits, unit: SoftAlu, { questions, answers }: Lesson, certain: boolean): Score {
  const p = distributionsOf(logits, shape, certain);
  let [right, loss] = [0, 0];
  for (let start = 0; start < answers.length; start += batch) {
    const rows = Array.from({ length: Math.min(batch, answers.length - start) }, (_, i) => start + i);
    const some = part({ questions, answers }, rows);
    const { first, second, weights } = operandsOf(p, shape, some.questions, unit);
    const result = unit.forward(weights, first, second, rows.length);
    loss += (lossOf(result, some.answers, unit).loss * rows.length) / answers.length;
    const { encoding, width } = unit;
    some.answers.forEach((answer, i) => {
      const at = i * width;
      const found = encoding === "unit" ? likeliest(result, at, width) : likeliestValue(result, at, width);
      if (found === answer) right++;
    });
  }
  return { accuracy: right / answers.length, loss };
}

/** Cross-entropy of the answer, a value's or its bits', in nats per question; and its slopes. */
function lossOf(result: Float64Array, answers: readonly number[], { encoding, width }: SoftAlu) {
  const least = 1e-9;
  const cotangent = new Float64Array(result.length);
  const bits = encoding === "binary" ? certainBits(answers, width) : undefined;
  let loss = 0;
  answers.forEach((answer, row) => {
    for (let i = 0; i < width; i++) {
      const at = row * width + i;
      if (bits === undefined && i !== answer) continue;
      const isOne = bits === undefined || bits[at] === 1;
      const p = Math.max(least, isOne ? result[at] : 1 - result[at]);
      loss -= Math.log(p) / answers.length;
      cotangent[at] = (isOne ? -1 : 1) / p / answers.length;
    }
  });
  return { loss, cotangent };
}

/** A network trained with the ALU of each epoch, and how it learned. */
function train(
  trainedWith: Training,
  seed: number,
  rate: number,
  unitAt: (epoch: number) => SoftAlu,
  { learned, validation, epochs }: Lessons & { readonly epochs: number },
): { logits: NetworkLogits; curve: LearningCurve; score: Score } {
  const random = seededRandom(seed + 10_000);
  const logits = newLogits(shape, () => random() - 0.5);
  const moments = partNames.map((name) => ({ name, moments: withMoments(logits[name]) }));
  let [score, step] = [scoreOf(logits, unitAt(0), validation, false), 0];
  const [accuracies, losses] = [[score.accuracy], [] as number[]];
  for (let epoch = 0; epoch < epochs; epoch++) {
    const unit = unitAt(epoch);
    const order = shuffled(learned.answers.length, random);
    let total = 0;
    for (let start = 0; start < order.length; start += batch) {
      const { questions, answers } = part(learned, order.slice(start, start + batch));
      const p = distributionsOf(logits, shape, false);
      const given = operandsOf(p, shape, questions, unit);
      const result = unit.forward(given.weights, given.first, given.second, questions.count);
      const { loss, cotangent } = lossOf(result, answers, unit);
      total += loss * answers.length;
      const { weights, a, b } = unit.backward(given.weights, given.first, given.second, cotangent, questions.count);
      const gradient = operandsGradient(p, shape, questions, unit, given, { weights, first: a, second: b });
      throughSoftmax(p, gradient, shape);
      step++;
      for (const { name, moments: part } of moments) adamStep(part, gradient[name], rate, step);
    }
    losses.push(total / order.length);
    score = scoreOf(logits, unit, validation, false);
    accuracies.push(score.accuracy);
  }
  return { logits, curve: { seed, trainedWith, accuracy: accuracies, loss: losses }, score };
}

/**
 * Tables against circuits ("Algorithmic Language Models with Neurally Compiled Libraries", 2024, figure 3): a minimal
 * network learns from answers alone, once with the lookup-table ALU and once with the circuits; what it has learned with
 * the table is then run with the circuits, on numbers as wide as it has seen, of 16 bits and of 32.
 */
export function tablesAndCircuits(options: TablesAndCircuitsOptions = {}): TablesAndCircuitsResult {
  const { seeds = [1, 2, 3, 4, 5], epochs = 12, questions = 4096, heldOut = 1024, length = 3, onNetwork } = options;
  const { rates = [0.02, 0.05, 0.1, 0.2] } = options;
  const [table, circuit] = [new TableAlu(base ** length), new CircuitAlu(digitBits * length)];
  const circuits = [circuit, new CircuitAlu(16), new CircuitAlu(32)];
  const lengths = circuits.map(({ width }) => width / digitBits);
  const rows: AccuracyRow[] = [];
  const curves: LearningCurve[] = [];
  const tried: TablesAndCircuitsResult["tried"][number][] = [];
  const choosing = rates.length > 1 ? rates.length * choosingSeeds.length : 0;
  const networks = trainings.length * (choosing + seeds.length);
  let trained = 0;
  for (const trainedWith of trainings) {
    const tableEpochs = { table: epochs, circuit: 0, "table, then circuit": Math.ceil(epochs / 3) }[trainedWith];
    const unitAt = (epoch: number): SoftAlu => (epoch < tableEpochs ? table : circuit);
    const trainOne = (seed: number, rate: number) => {
      const lessons = drawLessons(seed, questions, heldOut, lengths);
      const network = train(trainedWith, seed, rate, unitAt, { ...lessons, epochs });
      onNetwork?.({ trainedWith, validation: network.score, trained: ++trained, networks });
      return { ...network, ...lessons };
    };
    const [first, ...others] = rates;
    const choice = choose([{ rate: first }, ...others.map((rate) => ({ rate }))], ({ rate }) =>
      meanScore(choosingSeeds.map((seed) => trainOne(seed, rate).score)),
    );
    tried.push(...choice.tried.map((settings) => ({ trainedWith, ...settings })));
    const { rate } = choice.chosen;
    for (const seed of seeds) {
      const { logits, curve, tests } = trainOne(seed, rate);
      curves.push(curve);
      const run = (runWith: AluKind, unit: SoftAlu, bits: number, test: Lesson): void => {
        const [soft, certain] = [false, true].map((choice) => scoreOf(logits, unit, test, choice).accuracy);
        rows.push({ seed, trainedWith, rate, runWith, bits, soft, certain });
      };
      run("table", table, circuit.width, tests[0]);
      circuits.forEach((unit, i) => {
        run("circuit", unit, unit.width, tests[i]);
      });
    }
  }
  return { rows, curves, choosingSeeds, tried };
}
