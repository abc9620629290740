/**
 * The minimal network of "Algorithmic Language Models with Neurally Compiled Libraries" (2024), section 4.1, table 1: one
 * layer before a frozen program and one after, trained from answers alone. The layer before routes: which of the numbers
 * shown, in an order that it is not told, is which operand. The layer after reads the answer. The program is run as the
 * paper does, stepping in superposition, or as a tabulated call.
 */
import { assemble, type Image, link, registersOf } from "../assembler/index.js";
import {
  flash,
  initialState,
  runExact,
  seededRandom,
  softBackward,
  softForward,
  tabulate,
  tabulatedCall,
  tabulatedCallGradient,
} from "../machine/index.js";
import { aNormalForm, readProgram } from "../scheme/index.js";
import { improve, newNetwork, type Questions, readAnswers, routeOperands, routingGradient } from "./routing-network.js";
import { shuffled } from "./shuffled.js";

/** Fibonacci's sequence from two given terms; `depth` is the paper's. */
const program = `(define (fibonacci a b depth)
  (if (= depth 0) a (fibonacci b (+ a b) (- depth 1))))`;
const operandCount = 3;

export const callWays = ["superposition", "tabulated call"] as const;
export type CallWay = (typeof callWays)[number];

/** The accuracies that the paper reports, by depth. */
export const paperAccuracies: ReadonlyMap<number, number> = new Map([
  [1, 0.7321],
  [2, 0.7052],
  [3, 0.0707],
]);

export interface MinimalNetworkOptions {
  /** Default 1 to 10. */
  readonly depths?: readonly number[];
  /** A network is trained for each way, depth and seed. Default 1 to 5. */
  readonly seeds?: readonly number[];
  /** Values are 0..n-1, and answers modulo n. Default 16. */
  readonly n?: number;
  /** Default 800. */
  readonly trainingSteps?: number;
  /** Questions of a training step. Default 64. */
  readonly batch?: number;
  /** Adam's rate. Default 0.02. */
  readonly rate?: number;
  /** Told of each network when it has been trained. */
  readonly onNetwork?: (row: MinimalNetworkRow) => void;
}

/** A trained network. */
export interface MinimalNetworkRow {
  readonly way: CallWay;
  readonly depth: number;
  readonly seed: number;
  /** Of the held-out questions: a quarter of all pairs of terms. */
  readonly accuracy: number;
  /** The mean of -ln P(answer) over the held-out questions, in nats. */
  readonly loss: number;
}

/** What the two ways make of operands about which nothing has been learned yet: each is any of the three numbers. */
export interface DepthMeasurement {
  readonly depth: number;
  /** Steps of the machine. */
  readonly steps: number;
  /** The norm of the gradient of the mean P(right answer) with respect to the routing's logits. */
  readonly gradientNorm: Readonly<Record<CallWay, number>>;
  /** The cosine of the angle between the two ways' gradients; the tabulated call's is exact. */
  readonly cosine: number;
  /** The mean total variation between the superposition's answers and the exact ones: 0 equal, 1 disjoint. */
  readonly variation: number;
}

export interface MinimalNetworkResult {
  readonly n: number;
  readonly rows: readonly MinimalNetworkRow[];
  readonly measurements: readonly DepthMeasurement[];
}

/** A frozen program as a layer: distributions of operands [batch, operands, n] to answers [batch, n], and back. */
interface ProgramLayer {
  forward(distributions: Float64Array, batch: number): Float64Array;
  /** The gradient with respect to the distributions of the last `forward`. */
  backward(cotangent: Float64Array): Float64Array;
}

/** Trains and measures networks; the same options give the same result. */
export function minimalNetwork(options: MinimalNetworkOptions = {}): MinimalNetworkResult {
  const { depths = range(1, 10), seeds = range(1, 5), n = 16, onNetwork } = options;
  const image = programImage(n);
  const call = tabulated(image);
  const rows: MinimalNetworkRow[] = [];
  const measurements: DepthMeasurement[] = [];
  for (const depth of depths) {
    const { steps } = runExact(image, "fibonacci", [0, 1, depth]);
    const layers: Record<CallWay, ProgramLayer> = { superposition: superposed(image, steps), "tabulated call": call };
    const task = { depth, n, answers: answersOf(image, depth) };
    measurements.push(measure(layers, task, steps));
    for (const way of callWays) {
      for (const seed of seeds) {
        const row = { way, depth, seed, ...train(layers[way], task, seed, options) };
        onNetwork?.(row);
        rows.push(row);
      }
    }
  }
  return { n, rows, measurements };
}

const range = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, i) => first + i);

function programImage(n: number): Image {
  const assembly = assemble(aNormalForm(readProgram(program, { name: "fibonacci", entry: "fibonacci" })), {
    name: "fibonacci",
  });
  return link([assembly], { n, registers: registersOf(assembly) });
}

function superposed(image: Image, steps: number): ProgramLayer {
  const { n, registers } = image;
  const frozen = flash(image);
  let tape: Parameters<typeof softBackward>[0] | undefined;
  return {
    forward(distributions, batch) {
      const state = initialState(image, "fibonacci", distributions, batch);
      // Runs that halt early go on, as the paper's do, so that nothing is cut out of the gradient.
      const run = softForward(frozen, state, { steps, stopWhenHalted: false, dtype: "float32" });
      tape = run.tape;
      return part(run.result.registers, registers * n, 0, n);
    },
    backward(cotangent) {
      if (tape === undefined) return new Float64Array(0);
      const whole = new Float64Array((cotangent.length / n) * registers * n);
      for (let row = 0; row * n < cotangent.length; row++)
        whole.set(cotangent.subarray(row * n, (row + 1) * n), row * registers * n);
      const gradients = softBackward(tape, { registers: whole }, { program: false });
      return part(gradients.registers, registers * n, 0, operandCount * n);
    },
  };
}

function tabulated(image: Image): ProgramLayer {
  const table = tabulate(image, "fibonacci");
  let given: Float64Array = new Float64Array(0);
  const batchOf = () => given.length / (operandCount * image.n);
  return {
    forward(distributions, batch) {
      given = distributions;
      return tabulatedCall(table, distributions, batch);
    },
    backward: (cotangent) => tabulatedCallGradient(table, given, cotangent, batchOf()),
  };
}

/** Columns `from` to `to` of rows of a width. */
function part(array: Float64Array, width: number, from: number, to: number): Float64Array {
  const result = new Float64Array((array.length / width) * (to - from));
  for (let row = 0; row * width < array.length; row++)
    result.set(array.subarray(row * width + from, row * width + to), row * (to - from));
  return result;
}

/** The right answers [n, n] of a depth. */
function answersOf(image: Image, depth: number): Uint16Array {
  const { n } = image;
  const answers = new Uint16Array(n * n);
  for (let pair = 0; pair < n * n; pair++)
    answers[pair] = runExact(image, "fibonacci", [Math.floor(pair / n), pair % n, depth]).result;
  return answers;
}

/** Questions about pairs of terms, the operands in the places that `order` says. */
function questionsAbout(
  pairs: readonly number[],
  depth: number,
  order: readonly number[],
  answers: Uint16Array,
  n: number,
): Questions {
  const shown = new Uint16Array(pairs.length * operandCount);
  pairs.forEach((pair, i) => {
    [Math.floor(pair / n), pair % n, depth].forEach((value, operand) => {
      shown[i * operandCount + order[operand]] = value;
    });
  });
  return { count: pairs.length, shown, answers: Uint16Array.from(pairs, (pair) => answers[pair]) };
}

/** What a network is trained and tested on. */
interface Task {
  readonly depth: number;
  readonly n: number;
  /** [n, n] */
  readonly answers: Uint16Array;
}

function train(
  layer: ProgramLayer,
  { depth, n, answers }: Task,
  seed: number,
  { trainingSteps = 800, batch = 64, rate = 0.02 }: MinimalNetworkOptions,
): Pick<MinimalNetworkRow, "accuracy" | "loss"> {
  const uniform = seededRandom(seed);
  const order = shuffled(operandCount, uniform);
  const pairs = shuffled(n * n, uniform);
  const learned = pairs.splice(Math.ceil(pairs.length / 4));
  const network = newNetwork(operandCount, n, uniform);
  for (let step = 1; step <= trainingSteps; step++) {
    const drawn = Array.from({ length: batch }, () => learned[Math.floor(uniform() * learned.length)]);
    const questions = questionsAbout(drawn, depth, order, answers, n);
    const reading = readAnswers(network, layer.forward(routeOperands(network, questions), batch), questions);
    const routing = routingGradient(network, questions, layer.backward(reading.outputs));
    improve(network, { ...reading, routing }, rate, step);
  }
  const heldOut = questionsAbout(pairs, depth, order, answers, n);
  const { accuracy, loss } = readAnswers(
    network,
    layer.forward(routeOperands(network, heldOut), heldOut.count),
    heldOut,
  );
  return { accuracy, loss };
}

/** Both ways on every pair of terms, with a network whose routing is undecided. */
function measure(layers: Record<CallWay, ProgramLayer>, { depth, n, answers }: Task, steps: number): DepthMeasurement {
  const network = newNetwork(operandCount, n, () => 0.5);
  const questions = questionsAbout(range(0, n * n - 1), depth, range(0, operandCount - 1), answers, n);
  const { count } = questions;
  const distributions = routeOperands(network, questions);
  const cotangent = new Float64Array(count * n);
  questions.answers.forEach((answer, row) => {
    cotangent[row * n + answer] = 1 / count;
  });
  const through = (way: CallWay) => {
    const answered = layers[way].forward(distributions, count);
    return { answered, gradient: routingGradient(network, questions, layers[way].backward(cotangent)) };
  };
  const soft = through("superposition");
  const exact = through("tabulated call");
  const norms = { superposition: norm(soft.gradient), "tabulated call": norm(exact.gradient) };
  const along = soft.gradient.reduce((sum, g, i) => sum + g * exact.gradient[i], 0);
  const apart = soft.answered.reduce((sum, p, i) => sum + Math.abs(p - exact.answered[i]), 0);
  return {
    depth,
    steps,
    gradientNorm: norms,
    cosine: along / (norms.superposition * norms["tabulated call"]),
    variation: apart / 2 / count,
  };
}

const norm = (gradient: Float32Array) => Math.hypot(...gradient);
