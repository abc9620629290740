/** Questions for the network around an ALU, with their answers: to learn from, to validate with, and to test on. */
import { type AluMnemonic, alu } from "../assembler/index.js";
import { seededRandom } from "../machine/index.js";
import { SoftmachineError } from "../scheme/index.js";
import type { NetworkShape, Questions } from "./digit-network.js";

/** Numbers are written in base 4, so that a digit is of two bits. */
export const base = 4;
export const digitBits = 2;
/** A question that is not new is drawn again, so often. */
const mostDraws = 10_000;

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

/** The shape of a network that answers them. */
export const shape: NetworkShape = { base, tasks: tasks.length, slots: 3 };

/** The sign that each digit is written with. */
const signOf = [2, 0, 3, 1];

export interface Lesson {
  readonly questions: Questions;
  /** The answers' values. */
  readonly answers: readonly number[];
}

/**
 * Random questions on numbers of `length` digits, none of which is among those `asked` before; numbers of all magnitudes
 * are as frequent.
 *
 * @throws SoftmachineError when there is hardly another question to ask.
 */
function drawLesson(count: number, length: number, random: () => number, asked = new Set<string>()): Lesson {
  const n = base ** length;
  const taskOf = new Uint8Array(count);
  const signs = new Uint8Array(count * shape.slots * length);
  const answers: number[] = [];
  const drawn: string[] = [];
  for (let row = 0; row < count; row++) {
    let [task, numbers, name, draws] = [0, [] as number[], "", 0];
    do {
      if (++draws > mostDraws) throw new SoftmachineError(`too few numbers of ${length} digits for so many questions`);
      task = Math.floor(random() * tasks.length);
      numbers = Array.from({ length: shape.slots }, () =>
        Math.floor(random() * 2 ** Math.ceil(random() * Math.log2(n))),
      );
      name = `${task} ${numbers}`;
    } while (asked.has(name));
    drawn.push(name);
    taskOf[row] = task;
    numbers.forEach((value, slot) => {
      for (let place = 0; place < length; place++)
        signs[(row * shape.slots + slot) * length + place] = signOf[Math.floor(value / base ** place) % base];
    });
    const { op, operands } = tasks[task];
    answers.push(alu[op](numbers[operands[0]], numbers[operands[1]], n));
  }
  for (const name of drawn) asked.add(name);
  return { questions: { count, length, tasks: taskOf, signs }, answers };
}

/** Some of the questions. */
export function part({ questions, answers }: Lesson, rows: readonly number[]): Lesson {
  const { length } = questions;
  const size = shape.slots * length;
  const signs = new Uint8Array(rows.length * size);
  rows.forEach((row, i) => {
    signs.set(questions.signs.subarray(row * size, (row + 1) * size), i * size);
  });
  const taskOf = Uint8Array.from(rows, (row) => questions.tasks[row]);
  return { questions: { count: rows.length, length, tasks: taskOf, signs }, answers: rows.map((row) => answers[row]) };
}

/** What a seed's networks learn from, are validated with, and are tested on, at each width. */
export interface Lessons {
  readonly learned: Lesson;
  readonly validation: Lesson;
  readonly tests: readonly Lesson[];
}

/**
 * @param lengths digits of the numbers in each test; the first are those of the numbers learned from.
 */
export function drawLessons(seed: number, questions: number, heldOut: number, lengths: readonly number[]): Lessons {
  const random = seededRandom(seed);
  const [length] = lengths;
  const asked = new Set<string>();
  const learned = drawLesson(questions, length, random, asked);
  const validation = drawLesson(heldOut, length, random, asked);
  const tests = lengths.map((each) => drawLesson(heldOut, each, random, each === length ? asked : undefined));
  return { learned, validation, tests };
}
