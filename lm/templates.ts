/**
 * Worded templates of the library's programs. {a}, {b} and {c} stand for a program's first, second and third operand,
 * wherever the words put them. A phrase is put into a frame: "the sum of 3 and 4" into "What is …?".
 */

import { phrasesOf } from "./phrases/phrases.js";
import type { ProgramPhrases } from "./phrases/program-phrases.js";

/** What a phrase is: a noun phrase, an imperative, or a question. */
export type Form = "expression" | "command" | "question";

/** A sentence with places for operands, the phrase that is framed in it, and whether training never sees that phrase. */
export interface Template {
  readonly text: string;
  readonly phrase: string;
  readonly form: Form;
  readonly heldOut: boolean;
}

export const EXPRESSION_FRAMES = [
  "What is {}?",
  "What's {}?",
  "How much is {}?",
  "Compute {}.",
  "Calculate {}.",
  "Find {}.",
  "Tell me {}.",
  "{}",
  "What does {} give?",
  "Work out {}, please.",
] as const;

const COMMAND_FRAMES = [
  "{}",
  "{}.",
  "Please {}.",
  "Can you {}?",
  "{} and tell me the result.",
  "What do you get if you {}?",
] as const;

const QUESTION_FRAMES = [
  "{}?",
  "{}",
  "Tell me, {}?",
  "Quick question: {}?",
  "I wonder: {}?",
  "Please answer: {}?",
] as const;

const FRAMES = {
  expression: EXPRESSION_FRAMES,
  command: COMMAND_FRAMES,
  question: QUESTION_FRAMES,
} as const satisfies Record<Form, readonly string[]>;

/** Every template of a program with this many operands. A program without words of its own gets them from its name. */
export function templatesOf(program: string, operands: number): Template[] {
  const phrases = phrasesFor(program, operands);
  return [
    ...framed(phrases.expressions, "expression", false),
    ...framed(phrases.commands, "command", false),
    ...framed(phrases.questions ?? [], "question", false),
    ...framed(phrases.heldOutExpressions, "expression", true),
    ...framed(phrases.heldOutCommands, "command", true),
    ...framed(phrases.heldOutQuestions ?? [], "question", true),
  ];
}

/** A program's own phrases, or those that its name makes. */
export function phrasesFor(program: string, operands: number): ProgramPhrases {
  return phrasesOf(program, operands) ?? phrasesFromName(program, operands);
}

/** The templates of a noun phrase of no program in particular. */
export function expressionTemplates(phrase: string): string[] {
  return EXPRESSION_FRAMES.map((frame) => inFrame(frame, phrase));
}

/** A phrase put into a frame. */
export function inFrame(frame: string, phrase: string): string {
  return capitalized(frame.replace("{}", () => phrase));
}

/** A template's sentence for these operands. */
export function fill(template: string, operands: readonly (number | string)[]): string {
  return template.replace(/\{([abc])\}/g, (_, letter: string) => String(operands["abc".indexOf(letter)]));
}

function framed(phrases: readonly string[], form: Form, heldOut: boolean): Template[] {
  return phrases.flatMap((phrase) =>
    FRAMES[form].map((frame) => ({ text: inFrame(frame, phrase), phrase, form, heldOut })),
  );
}

/** A text with a capital letter first, unless that begins the name of a function. */
export function capitalized(text: string): string {
  return text.replace(/^[a-z](?![a-z]*\()/, (letter) => letter.toUpperCase());
}

function phrasesFromName(program: string, operands: number): ProgramPhrases {
  const places = ["{a}", "{b}", "{c}"].slice(0, operands);
  const words = program.replace(/[-_]+/g, " ");
  const list = places.join(", ");
  const spoken = places.length === 1 ? places[0] : `${places.slice(0, -1).join(", ")} and ${places[places.length - 1]}`;
  // Of one operand, the list of them and how they are spoken are the same.
  const unseen =
    places.length === 1
      ? [`the ${words} ${list}`, `apply ${words} on ${list}`]
      : [`the ${words} of ${list}`, `apply ${words} to ${list}`];
  return {
    expressions: [`${program}(${list})`, `the ${words} of ${spoken}`, `${words} of ${list}`, `${words} ${list}`],
    commands: [`apply ${words} to ${spoken}`, `run ${words} on ${list}`],
    heldOutExpressions: [unseen[0]],
    heldOutCommands: [unseen[1]],
  };
}
