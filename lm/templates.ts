/**
 * Worded templates of the library's programs. {a}, {b} and {c} stand for a program's first, second and third operand,
 * wherever the words put them. A phrase is put into a frame: "the sum of 3 and 4" into "What is …?".
 */

import { phrasesOf } from "./phrases/phrases.js";
import type { ProgramPhrases } from "./phrases/program-phrases.js";

/** A sentence with places for operands, and whether training never sees its phrase. */
export interface Template {
  readonly text: string;
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

/** Every template of a program with this many operands. A program without words of its own gets them from its name. */
export function templatesOf(program: string, operands: number): Template[] {
  const phrases = phrasesFor(program, operands);
  return [
    ...framed(phrases.expressions, EXPRESSION_FRAMES, false),
    ...framed(phrases.commands, COMMAND_FRAMES, false),
    ...framed(phrases.questions ?? [], QUESTION_FRAMES, false),
    ...framed(phrases.heldOutExpressions, EXPRESSION_FRAMES, true),
    ...framed(phrases.heldOutCommands, COMMAND_FRAMES, true),
    ...framed(phrases.heldOutQuestions ?? [], QUESTION_FRAMES, true),
  ];
}

/** A program's own phrases, or those that its name makes. */
export function phrasesFor(program: string, operands: number): ProgramPhrases {
  return phrasesOf(program, operands) ?? phrasesFromName(program, operands);
}

/** A template's sentence for these operands. */
export function fill(template: string, operands: readonly (number | string)[]): string {
  return template.replace(/\{([abc])\}/g, (_, letter: string) => String(operands["abc".indexOf(letter)]));
}

function framed(phrases: readonly string[], frames: readonly string[], heldOut: boolean): Template[] {
  return phrases.flatMap((phrase) =>
    frames.map((frame) => ({ text: capitalized(frame.replace("{}", phrase)), heldOut })),
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
  return {
    expressions: [`${program}(${list})`, `the ${words} of ${spoken}`, `${words} of ${list}`, `${words} ${list}`],
    commands: [`apply ${words} to ${spoken}`, `run ${words} on ${list}`],
    heldOutExpressions: [`the ${words} of ${list}`],
    heldOutCommands: [`apply ${words} to ${list}`],
  };
}
