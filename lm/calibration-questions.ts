/**
 * Questions that a model's certainty is calibrated and tested on: right ones, with and without small talk around them,
 * and wrong ones, which have no answer among its programs. Calibration and test share no phrase, no small talk and no
 * kind of wrong question.
 */
import type { TabulatedProgram } from "../machine/index.js";
import type { TrainOptions } from "./options.js";
import { PHRASES } from "./phrases/phrases.js";
import { integer, PURPOSES, type Random, random } from "./random.js";
import { answerOf, SentenceSource } from "./sentences.js";
import { expressionTemplates, type Form, fill, inFrame } from "./templates.js";
import { TwoStepSource } from "./two-step-sentences.js";

/** Whether a question serves to settle a threshold, or to test it. */
export type Purpose = "calibration" | "test";

/** Kinds of wrong questions that calibration knows. */
const CALIBRATION_KINDS = [
  "unrelated words",
  "too many numbers",
  "shuffled words",
  "statement",
  "something of the result",
] as const;
/** Kinds that only the test asks. */
const TEST_KINDS = [
  "another program",
  "too few numbers",
  "unrelated question",
  "two questions",
  "the result made into something",
] as const;

export type WrongKind = (typeof CALIBRATION_KINDS)[number] | (typeof TEST_KINDS)[number];

/** How right questions are put: as training has it, with small talk around, in a frame that training does not have. */
export const MANNERS = ["as in training", "with small talk", "in other frames"] as const;

export type Manner = (typeof MANNERS)[number];

/** A question with its answer; one without an answer is wrong, and says of which kind it is. */
export interface CalibrationQuestion {
  readonly text: string;
  readonly answer?: number;
  /** How a right one is put. */
  readonly manner?: Manner;
  readonly kind?: WrongKind;
}

/** What people say around a question. `{}` is the question. */
const SMALL_TALK: Readonly<Record<Purpose, readonly string[]>> = {
  calibration: [
    "Hello there! {}",
    "{} Thank you very much.",
    "For my homework: {}",
    "Sorry to bother you again. {}",
    "{} My teacher wants to know.",
    "I am stuck here, {}",
    "{} Take your time.",
    "Just out of curiosity, {}",
  ],
  test: [
    "Good morning, {}",
    "{} Thanks in advance!",
    "Could somebody help us? {}",
    "{} We made a bet about it.",
    "Okay, next exercise: {}",
    "My son asked me this: {}",
    "{} I forgot how that works.",
    "Hey, {}",
  ],
};

/** Frames that training does not have. */
const OTHER_FRAMES: Readonly<Record<Purpose, Readonly<Record<Form, readonly string[]>>>> = {
  calibration: {
    expression: [
      "do you know {}?",
      "I need {} for class.",
      "so {} is what exactly?",
      "give us {}",
      "the answer to {}, if possible",
      "my exercise asks for {}.",
    ],
    command: [
      "would you kindly {}?",
      "let us {} together.",
      "I want to {}.",
      "first of all, {}",
      "you should {} and then stop.",
      "help me {}",
    ],
    question: ["do you know {}?", "who can say {}?", "now then, {}?", "I must find out: {}?"],
  },
  test: {
    expression: [
      "would you mind telling me {}?",
      "{} equals how much?",
      "I'd like to hear {}.",
      "any idea about {}?",
      "we are looking for {} here",
      "show everybody {}!",
    ],
    command: [
      "go on and {}.",
      "somebody has to {} now",
      "my task today: {}.",
      "show us how you {}",
      "when you {} you get what?",
      "try to {}!",
    ],
    question: ["can anybody say {}?", "well, {}?", "listen, {}?", "one more: {}?"],
  },
};

/** Words that say nothing of arithmetic. */
const UNRELATED_WORDS = [
  "banana",
  "window",
  "river",
  "paint",
  "borrow",
  "quiet",
  "garden",
  "whistle",
  "planet",
  "sleep",
  "copper",
  "laugh",
  "island",
  "carry",
  "velvet",
  "engine",
  "smile",
  "forest",
  "bread",
  "climb",
  "purple",
  "letter",
  "swim",
  "candle",
] as const;

/** Words that a sentence about anything may have, and that stay when the others are replaced. */
const COMMON_WORDS = new Set(
  "a an and are at be beside by can compute calculate do does each find for from get give how i if in into is it let me much of on or out please question quick answer result tell than that the then there to up what what's when which will with wonder work you".split(
    " ",
  ),
);

/** Sentences with numbers that ask nothing. */
const STATEMENTS = [
  "I have {a} apples and {b} oranges.",
  "The bus leaves at {a} and arrives at {b}.",
  "My sister is {a} years old.",
  "Room {a} is on floor {b}.",
  "We won {a} to {b} last night.",
  "Chapter {a} follows chapter {b}.",
  "It was {a} degrees in the shade.",
  "They sold {a} of their {b} chairs.",
  "The number of my house is {a}.",
  "You gave me {a} coins and I gave you {b}.",
  "Page {a} is missing.",
  "She runs {a} miles in {b} hours.",
] as const;

/** Questions with numbers that no calculation answers. */
const UNRELATED_QUESTIONS = [
  "What is the capital of {a} and {b}?",
  "Who lives at number {a}?",
  "What colour is {a}?",
  "Where were {a} and {b} born?",
  "What is the weather of {a}?",
  "How do I cook {a} eggs for {b} guests?",
  "Which film has {a} actors and {b} songs?",
  "Can you sing {a}?",
  "Why is {a} afraid of {b}?",
  "Do {a} cats like {b} dogs?",
  "Is {a} a lucky number?",
  "When is the party of {a} and {b}?",
] as const;

/** What may be asked of a result, in words before it. */
const OF_RESULT = [
  "half of {}",
  "the last digit of {}",
  "one less than {}",
  "the negative of {}",
  "everything except {}",
  "the cube of {}",
  "the cost of {}",
  "the name of {}",
] as const;

/** What a result may be made into, in words after it. */
const RESULT_MADE = [
  "{} in hexadecimal",
  "{} rounded to the nearest ten",
  "{} and then halved",
  "{} written backwards",
  "{} as a fraction",
  "{} but negated",
  "{} seen in a mirror",
  "{} without its last digit",
] as const;

/** Calculations that no program of the library does. */
const OTHER_CALCULATIONS = [
  "the square root of {a} over {b}",
  "the logarithm of {a} to base {b}",
  "the cosine of {a}",
  "{a} percent of {b}",
  "the ratio of {a} to {b}",
  "the standard deviation of {a} and {b}",
  "{a} written in roman numerals",
  "the length of the hypotenuse of {a} and {b}",
  "the area of a circle of radius {a}",
  "the angle between {a} and {b}",
  "the probability of {a} out of {b}",
  "the harmonic mean of {a} and {b}",
] as const;

/** Kinds that ask for something of a result, which is right where a question may take two calls. */
const OF_TWO_CALLS: ReadonlySet<WrongKind> = new Set([
  "something of the result",
  "the result made into something",
  "two questions",
]);

/**
 * Draws `count` questions of which half are right, the same for the same arguments.
 *
 * @param options of the training: where questions may take two calls, half of the right ones do.
 */
export function calibrationQuestions(
  programs: readonly TabulatedProgram[],
  purpose: Purpose,
  count: number,
  options: Pick<TrainOptions, "seed" | "templates" | "calls">,
): CalibrationQuestion[] {
  const { seed, calls } = options;
  const source = new SentenceSource(programs, options);
  const twoSteps = calls > 1 ? new TwoStepSource(programs, source) : undefined;
  const next = random(seed, PURPOSES.calibration, purpose === "calibration" ? 1 : 2);
  const kinds = (purpose === "calibration" ? CALIBRATION_KINDS : TEST_KINDS).filter(
    (kind) => calls === 1 || !OF_TWO_CALLS.has(kind),
  );
  return Array.from({ length: count }, (_, i) => {
    if (i % 2 === 1) return wrong(next, source, programs, kinds[((i - 1) / 2) % kinds.length]);
    return twoSteps !== undefined && i % 4 === 0 ? twoStepped(next, twoSteps, purpose) : right(next, source, purpose);
  });
}

function twoStepped(next: Random, source: TwoStepSource, purpose: Purpose): CalibrationQuestion {
  const { text, answer } = source.draw(next, `${purpose} templates`);
  if (next() < 0.5) return { text, answer, manner: "as in training" };
  return { text: withSmallTalk(next, text, purpose), answer, manner: "with small talk" };
}

function withSmallTalk(next: Random, text: string, purpose: Purpose): string {
  const talk = SMALL_TALK[purpose];
  return talk[integer(next, talk.length)].replace("{}", () => text);
}

function right(next: Random, source: SentenceSource, purpose: Purpose): CalibrationQuestion {
  const among = <T>(some: readonly T[]) => some[integer(next, some.length)];
  const manner = among(MANNERS);
  const { text, answer } = source.draw(next, `${purpose} templates`, undefined, ({ text, phrase, form }) =>
    manner === "in other frames" ? inFrame(among(OTHER_FRAMES[purpose][form]), phrase) : text,
  );
  return { text: manner === "with small talk" ? withSmallTalk(next, text, purpose) : text, answer, manner };
}

function wrong(
  next: Random,
  source: SentenceSource,
  programs: readonly TabulatedProgram[],
  kind: WrongKind,
): CalibrationQuestion {
  const make = MAKERS[kind];
  for (let attempt = 0; attempt < 100; attempt++) {
    const text = make(next, source, programs);
    if (text !== undefined) return { text, kind };
  }
  // Of programs of one operand alone no question has too few numbers.
  return { text: fillDrawn(next, UNRELATED_QUESTIONS, programs), kind: "unrelated question" };
}

/** What makes a wrong question of each kind; undefined where what was drawn can't be made into one. */
const MAKERS: Readonly<
  Record<WrongKind, (next: Random, source: SentenceSource, programs: readonly TabulatedProgram[]) => string | undefined>
> = {
  "unrelated words": (next, source) => {
    const { text } = source.draw(next, "calibration templates");
    // A sign says what is asked as well as words do.
    if (/[+*/^%!]| - /.test(text)) return undefined;
    const replaced = text.replace(/\p{L}[\p{L}'-]*/gu, (word) =>
      COMMON_WORDS.has(word.toLowerCase()) ? word : UNRELATED_WORDS[integer(next, UNRELATED_WORDS.length)],
    );
    return replaced === text ? undefined : replaced;
  },
  "too many numbers": (next, source, programs) => {
    const { text } = source.draw(next, "calibration templates");
    const more = integer(next, programs[0].n);
    const joined = next() < 0.5 ? `$& and ${more}` : `${more}, $&`;
    return text.replace(/[0-9]+(?=[^0-9]*$)/, joined);
  },
  "shuffled words": (next, source, programs) => {
    const { text, program: name, operands = [], answer } = source.draw(next, "calibration templates");
    const program = programs.find((candidate) => candidate.name === name);
    // Where the order of the operands makes no difference, shuffled words can still be understood.
    if (program === undefined || answerOf(program, [...operands].reverse()) === answer) return undefined;
    const words = text.split(" ");
    const follows = new Set(words.slice(1).map((word, i) => `${words[i]} ${word}`));
    const shuffled = words
      .map((word) => ({ word, key: next() }))
      .sort((a, b) => a.key - b.key)
      .map(({ word }) => word);
    return shuffled.slice(1).some((word, i) => follows.has(`${shuffled[i]} ${word}`)) ? undefined : shuffled.join(" ");
  },
  "something of the result": (next, source) => askedOfResult(next, source, "calibration", OF_RESULT),
  "the result made into something": (next, source) => askedOfResult(next, source, "test", RESULT_MADE),
  statement: (next, _, programs) => fillDrawn(next, STATEMENTS, programs),
  "another program": (next, _, programs) => {
    const known = new Set(programs.map(({ name }) => name));
    const others = Object.entries(PHRASES).filter(([name]) => !known.has(name));
    const phrases =
      others.length > 0 && next() < 0.5
        ? others[integer(next, others.length)][1].heldOutExpressions
        : OTHER_CALCULATIONS;
    if (phrases.length === 0) return undefined;
    return fillDrawn(next, expressionTemplates(phrases[integer(next, phrases.length)]), programs);
  },
  "too few numbers": (next, source) => {
    const { text, operands = [] } = source.draw(next, "test templates");
    if (operands.length < 2) return undefined;
    const numbers = [...text.matchAll(/[0-9]+/g)];
    const { index, 0: found } = numbers[integer(next, numbers.length)];
    return `${text.slice(0, index)}${text.slice(index + found.length)}`.replace(/ +(?=[ .?!,])/g, "").trim();
  },
  "unrelated question": (next, _, programs) => fillDrawn(next, UNRELATED_QUESTIONS, programs),
  "two questions": (next, source) => {
    const first = source.draw(next, "test templates");
    const second = source.draw(next, "test templates");
    if (first.program === second.program) return undefined;
    return `${first.text} ${second.text}`;
  },
};

/** A question about what a program answers, instead of that itself. */
function askedOfResult(
  next: Random,
  source: SentenceSource,
  purpose: Purpose,
  changes: readonly string[],
): string | undefined {
  let isExpression = false;
  const { text } = source.draw(next, `${purpose} templates`, undefined, ({ phrase, form }) => {
    isExpression = form === "expression";
    const frames = expressionTemplates(changes[integer(next, changes.length)].replace("{}", () => phrase));
    return frames[integer(next, frames.length)];
  });
  return isExpression ? text : undefined;
}

function fillDrawn(next: Random, templates: readonly string[], programs: readonly TabulatedProgram[]): string {
  const operands = Array.from({ length: 3 }, () => integer(next, programs[0].n));
  return fill(templates[integer(next, templates.length)], operands);
}
