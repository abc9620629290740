import { type AluMnemonic, alu } from "../assembler/index.js";
import { CircuitAlu, certainBits, likeliestValue, type SoftAlu, seededRandom, TableAlu } from "../machine/index.js";
import {
  distributionsOf,
  type NetworkLogits,
  type NetworkShape,
  newLogits,
  operandsGradient,
  operandsOf,
  partNames,
  type Questions,
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
  /** Questions held out, at each width. Default 1024. */
  readonly heldOut?: number;
  /** Digits of the numbers that it learns from, in base 4. Default 3: values 0 to 63. */
  readonly length?: number;
  /** Adam's rate. Default 0.05. */
  readonly rate?: number;
  readonly onEpoch?: (seed: number, trainedWith: Training, epoch: number, accuracy: number) => void;
}

export type AluKind = "table" | "circuit";

/** What a network learns with: one ALU throughout, or the table for the first third of the epochs and then the circuits. */
export type Training = AluKind | "table, then circuit";

const trainings: readonly Training[] = ["table", "circuit", "table, then circuit"];

/** A network, trained with one ALU and then run with one. */
export interface AccuracyRow {
  readonly seed: number;
  readonly trainedWith: Training;
  readonly runWith: AluKind;
  /** Of the numbers in the questions. */
  readonly bits: number;
  /** Of the held-out questions whose answer is right in every bit: of the network as trained. */
  readonly soft: number;
  /** And of the network with each choice replaced by its likeliest. */
  readonly certain: number;
}

/** How a network learned: what it got right of held-out questions of the width that it learns from. */
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
}

const base = 4;
const digitBits = 2;
const batch = 64;

/** What each task asks for: an operation on two of the question's three numbers. */
const tasks: readonly { readonly op: AluMnemonic; readonly operands: readonly [number, number] }[] = [
  { op: "add", operands: [0, 1] },
  { op: "sub", operands: [2, 0] },
  { op: "mul", operands: [1, 2] },
  { op: "div", operands: [0, 2] },
  { op: "mod", operands: [1, 0] },
  { op: "max", operands: [2, 1] },
  { op: "min", operands: [0, 1] },
  { op: "lt", operands: [2, 0] },
];

const shape: NetworkShape = { base, tasks: tasks.length, slots: 3 };

/** The sign that each digit is written with. */
const signOf = [2, 0, 3, 1];

interface Lesson {
  readonly questions: Questions;
  /** The answers' values. */
  readonly answers: readonly number[];
}

/** Random questions on numbers of `length` digits; numbers of all magnitudes are as frequent. */
function drawLesson(count: number, length: number, random: () => number): Lesson {
  const n = base ** length;
  const taskOf = new Uint8Array(count);
  const signs = new Uint8Array(count * shape.slots * length);
  const answers: number[] = [];
  for (let row = 0; row < count; row++) {
    const numbers = Array.from({ length: shape.slots }, () =>
      Math.floor(random() * 2 ** Math.ceil(random() * Math.log2(n))),
    );
    taskOf[row] = Math.floor(random() * tasks.length);
    numbers.forEach((value, slot) => {
      for (let place = 0; place < length; place++)
        signs[(row * shape.slots + slot) * length + place] = signOf[Math.floor(value / base ** place) % base];
    });
    const { op, operands } = tasks[taskOf[row]];
    answers.push(alu[op](numbers[operands[0]], numbers[operands[1]], n));
  }
  return { questions: { count, length, tasks: taskOf, signs }, answers };
}

function part({ questions, answers }: Lesson, rows: readonly number[]): Lesson {
  const { length } = questions;
  const size = shape.slots * length;
  const signs = new Uint8Array(rows.length * size);
  rows.forEach((row, i) => {
    signs.set(questions.signs.subarray(row * size, (row + 1) * size), i * size);
  });
  const taskOf = Uint8Array.from(rows, (row) => questions.tasks[row]);
  return { questions: { count: rows.length, length, tasks: taskOf, signs }, answers: rows.map((row) => answers[row]) };
}

/** The answers that are right: in the unit encoding the likeliest value's, in the binary one those of the likeliest bits. */
function accuracy(logits: NetworkLogits, unit: SoftAlu, { questions, answers }: Lesson, certain: boolean): number {
  const p = distributionsOf(logits, shape, certain);
  let right = 0;
  for (let start = 0; start < answers.length; start += batch) {
    const rows = Array.from({ length: Math.min(batch, answers.length - start) }, (_, i) => start + i);
    const some = part({ questions, answers }, rows);
    const { first, second, weights } = operandsOf(p, shape, some.questions, unit);
    const result = unit.forward(weights, first, second, rows.length);
    rows.forEach((_, i) => {
      const { width } = unit;
      const row = result.subarray(i * width, (i + 1) * width);
      const found = unit.encoding === "unit" ? row.indexOf(Math.max(...row)) : likeliestValue(row, 0, width);
      if (found === some.answers[i]) right++;
    });
  }
  return right / answers.length;
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

/** A step of gradient descent with Adam (Kingma and Ba, 2015). */
function adam(rate: number): (logits: NetworkLogits, gradient: NetworkLogits) => void {
  const [mean, square] = [newLogits(shape), newLogits(shape)];
  let step = 0;
  return (logits, gradient) => {
    step++;
    for (const name of partNames) {
      gradient[name].forEach((g, i) => {
        mean[name][i] += 0.1 * (g - mean[name][i]);
        square[name][i] += 0.01 * (g * g - square[name][i]);
        const [m, s] = [mean[name][i] / (1 - 0.9 ** step), square[name][i] / (1 - 0.99 ** step)];
        logits[name][i] -= (rate * m) / (Math.sqrt(s) + 1e-8);
      });
    }
  };
}

function train(
  trainedWith: Training,
  seed: number,
  unitAt: (epoch: number) => SoftAlu,
  lesson: Lesson,
  held: Lesson,
  { epochs, rate, onEpoch }: Required<Pick<TablesAndCircuitsOptions, "epochs" | "rate">> & TablesAndCircuitsOptions,
): { logits: NetworkLogits; curve: LearningCurve } {
  const random = seededRandom(seed + 1000);
  const logits = newLogits(shape, () => random() - 0.5);
  const improve = adam(rate);
  const [accuracies, losses] = [[accuracy(logits, unitAt(0), held, false)], [] as number[]];
  for (let epoch = 0; epoch < epochs; epoch++) {
    const unit = unitAt(epoch);
    const order = shuffled(lesson.answers.length, random);
    let total = 0;
    for (let start = 0; start < order.length; start += batch) {
      const { questions, answers } = part(lesson, order.slice(start, start + batch));
      const p = distributionsOf(logits, shape, false);
      const given = operandsOf(p, shape, questions, unit);
      const result = unit.forward(given.weights, given.first, given.second, questions.count);
      const { loss, cotangent } = lossOf(result, answers, unit);
      total += loss * answers.length;
      const { weights, a, b } = unit.backward(given.weights, given.first, given.second, cotangent, questions.count);
      const gradient = operandsGradient(p, shape, questions, unit, given, { weights, first: a, second: b });
      throughSoftmax(p, gradient, shape);
      improve(logits, gradient);
    }
    losses.push(total / order.length);
    accuracies.push(accuracy(logits, unit, held, false));
    onEpoch?.(seed, trainedWith, epoch + 1, accuracies[epoch + 1]);
  }
  return { logits, curve: { seed, trainedWith, accuracy: accuracies, loss: losses } };
}

/**
 * Tables against circuits ("Algorithmic Language Models with Neurally Compiled Libraries", 2024, figure 3): a minimal
 * network learns from answers alone, once with the lookup-table ALU and once with the circuits; what it has learned with
 * the table is then run with the circuits, on numbers as wide as it has seen, of 16 bits and of 32.
 */
export function tablesAndCircuits(options: TablesAndCircuitsOptions = {}): TablesAndCircuitsResult {
  const { seeds = [1, 2, 3, 4, 5], epochs = 12, questions = 4096, heldOut = 1024, length = 3, rate = 0.05 } = options;
  const learned = digitBits * length;
  const [table, circuit] = [new TableAlu(base ** length), new CircuitAlu(learned)];
  const wider = [16, 32].map((bits) => new CircuitAlu(bits));
  const rows: AccuracyRow[] = [];
  const curves: LearningCurve[] = [];
  for (const seed of seeds) {
    const random = seededRandom(seed);
    const lesson = drawLesson(questions, length, random);
    const held = drawLesson(heldOut, length, random);
    const wide = wider.map(({ width }) => drawLesson(heldOut, width / digitBits, random));
    for (const trainedWith of trainings) {
      const tableEpochs = { table: epochs, circuit: 0, "table, then circuit": Math.ceil(epochs / 3) }[trainedWith];
      const unitAt = (epoch: number): SoftAlu => (epoch < tableEpochs ? table : circuit);
      const { logits, curve } = train(trainedWith, seed, unitAt, lesson, held, { ...options, epochs, rate });
      curves.push(curve);
      const run = (runWith: AluKind, unit: SoftAlu, bits: number, asked: Lesson): void => {
        const [soft, certain] = [false, true].map((choice) => accuracy(logits, unit, asked, choice));
        rows.push({ seed, trainedWith, runWith, bits, soft, certain });
      };
      run("table", table, learned, held);
      run("circuit", circuit, learned, held);
      wider.forEach((unit, i) => {
        run("circuit", unit, unit.width, wide[i]);
      });
    }
  }
  return { rows, curves };
}
