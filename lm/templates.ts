/**
 * Worded templates of the library's programs. {a}, {b} and {c} stand for a program's first, second and third operand,
 * wherever the words put them. A phrase is put into a frame: "the sum of 3 and 4" into "What is …?".
 */

/** The phrases of one program. Those held out are never trained on: they recombine words that other phrases teach. */
export interface ProgramPhrases {
  /** Noun phrases: "the sum of {a} and {b}". */
  readonly expressions: readonly string[];
  /** Imperatives: "add {a} to {b}". */
  readonly commands: readonly string[];
  readonly heldOutExpressions: readonly string[];
  readonly heldOutCommands: readonly string[];
}

/** A sentence with places for operands, and whether training never sees its phrase. */
export interface Template {
  readonly text: string;
  readonly heldOut: boolean;
}

const EXPRESSION_FRAMES = [
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

/** The programs that have words of their own. Any other gets phrases from its name. */
export const PHRASES: Readonly<Record<string, ProgramPhrases>> = {
  add: {
    expressions: [
      "{a} plus {b}",
      "{a} + {b}",
      "the sum of {a} and {b}",
      "{a} added to {b}",
      "the total of {a} and {b}",
    ],
    commands: ["add {a} and {b}", "add {a} to {b}", "sum {a} and {b}", "total up {a} and {b}"],
    heldOutExpressions: ["the sum {a} + {b}", "the total {a} plus {b}"],
    heldOutCommands: ["total {a} and {b}"],
  },
  subtract: {
    expressions: [
      "{a} minus {b}",
      "{a} - {b}",
      "the difference {a} - {b}",
      "{a} take away {b}",
      "{a} reduced by {b}",
      "{a} less {b}",
    ],
    commands: [
      "subtract {b} from {a}",
      "take {b} away from {a}",
      "reduce {a} by {b}",
      "deduct {b} from {a}",
      "take away {b} from {a}",
    ],
    heldOutExpressions: ["the difference {a} minus {b}"],
    heldOutCommands: ["subtract {b} away from {a}"],
  },
  multiply: {
    expressions: [
      "{a} times {b}",
      "{a} * {b}",
      "the product of {a} and {b}",
      "{a} multiplied by {b}",
      "the product {a} * {b}",
    ],
    commands: ["multiply {a} by {b}", "multiply {a} and {b}", "multiply {a} with {b}"],
    heldOutExpressions: ["the product {a} times {b}", "the product of {a} times {b}"],
    heldOutCommands: ["multiply together {a} and {b}"],
  },
  max: {
    expressions: [
      "the maximum of {a} and {b}",
      "the larger of {a} and {b}",
      "max({a}, {b})",
      "the greater of {a} and {b}",
      "the larger number of {a} and {b}",
      "the max of {a} and {b}",
      "the maximum number of {a} and {b}",
    ],
    commands: [
      "take the maximum of {a} and {b}",
      "pick the larger of {a} and {b}",
      "choose the greater of {a} and {b}",
      "choose the max of {a} and {b}",
    ],
    heldOutExpressions: ["the greater number of {a} and {b}", "the max number of {a} and {b}"],
    heldOutCommands: ["choose the maximum of {a} and {b}", "take the max of {a} and {b}"],
  },
  min: {
    expressions: [
      "the minimum of {a} and {b}",
      "the smaller of {a} and {b}",
      "min({a}, {b})",
      "the lesser of {a} and {b}",
      "the smaller number of {a} and {b}",
      "the min of {a} and {b}",
      "the minimum number of {a} and {b}",
    ],
    commands: [
      "take the minimum of {a} and {b}",
      "pick the smaller of {a} and {b}",
      "choose the lesser of {a} and {b}",
      "choose the min of {a} and {b}",
    ],
    heldOutExpressions: ["the lesser number of {a} and {b}", "the min number of {a} and {b}"],
    heldOutCommands: ["choose the minimum of {a} and {b}", "take the min of {a} and {b}"],
  },
  increment: {
    expressions: ["the number after {a}", "the successor of {a}", "{a} incremented", "the next number after {a}"],
    commands: [
      "increment {a}",
      "increment the value {a}",
      "increase the number {a} by one",
      "count up from {a}",
      "step up from {a}",
    ],
    heldOutExpressions: ["the successor after {a}"],
    heldOutCommands: ["increment the number {a}"],
  },
  decrement: {
    expressions: ["the number before {a}", "the predecessor of {a}", "{a} decremented", "the last number before {a}"],
    commands: [
      "decrement {a}",
      "decrement the value {a}",
      "decrease the number {a} by one",
      "count down from {a}",
      "step down from {a}",
    ],
    heldOutExpressions: ["the predecessor before {a}"],
    heldOutCommands: ["decrement the number {a}"],
  },
  double: {
    expressions: ["twice {a}", "double {a}", "the double of {a}", "{a} doubled", "the value {a} doubled"],
    commands: ["double {a}", "double the number {a}", "double the value {a}", "take twice {a}"],
    heldOutExpressions: ["the number {a} doubled"],
    heldOutCommands: ["take the double of {a}"],
  },
  gcd: {
    expressions: [
      "the greatest common divisor of {a} and {b}",
      "gcd({a}, {b})",
      "the gcd of {a} and {b}",
      "the highest common factor of {a} and {b}",
      "the greatest common factor of {a} and {b}",
    ],
    commands: [
      "take the gcd of {a} and {b}",
      "find the highest common factor of {a} and {b}",
      "determine the greatest common divisor of {a} and {b}",
    ],
    heldOutExpressions: ["the highest common divisor of {a} and {b}", "gcd of {a} and {b}"],
    heldOutCommands: ["determine the greatest common factor of {a} and {b}"],
  },
  power: {
    expressions: [
      "{a} to the power {b}",
      "{a} ^ {b}",
      "{a} raised to {b}",
      "{a} to the power of {b}",
      "the power of {a} with exponent {b}",
    ],
    commands: ["raise {a} to the power {b}", "raise {a} to {b}", "take the power of {a} with exponent {b}"],
    heldOutExpressions: ["{a} raised to the power {b}"],
    heldOutCommands: ["raise {a} to the power of {b}"],
  },
  factorial: {
    expressions: ["{a} factorial", "the factorial of {a}", "{a}!", "factorial({a})", "the factorial of the number {a}"],
    commands: ["take the factorial of {a}", "compute the factorial of {a}"],
    heldOutExpressions: ["the factorial {a}!"],
    heldOutCommands: ["take {a} factorial"],
  },
  fibonacci: {
    expressions: [
      "the fibonacci function, starting from inputs {a} and {b}, to a recursion depth of {c}",
      "fibonacci({a}, {b}, {c})",
      "the fibonacci number at depth {c} with starts {a} and {b}",
      "fibonacci from {a} and {b} to depth {c}",
      "the fibonacci sequence from {a} and {b} after {c} steps",
    ],
    commands: [
      "run fibonacci from {a} and {b} to depth {c}",
      "run fibonacci from {a} and {b} for {c} steps",
      "start fibonacci with {a} and {b} and go to depth {c}",
      "start fibonacci with {a} and {b} and take {c} steps",
      "start fibonacci from {a} and {b} and run {c} steps",
      "compute fibonacci to depth {c} from {a} and {b}",
    ],
    heldOutExpressions: ["the fibonacci sequence from {a} and {b} to depth {c}"],
    heldOutCommands: [
      "start fibonacci with {a} and {b} and run {c} steps",
      "run fibonacci with {a} and {b} to depth {c}",
    ],
  },
  quotient: {
    expressions: [
      "the quotient of {a} and {b}",
      "{a} divided by {b}",
      "{a} / {b}",
      "the whole part of {a} / {b}",
      "the quotient {a} / {b}",
      "the whole part of {a} divided by {b}",
      "the quotient when {a} is divided by {b}",
    ],
    commands: ["divide {a} by {b}", "take the quotient of {a} and {b}", "take the whole part of {a} / {b}"],
    heldOutExpressions: ["the quotient of {a} divided by {b}"],
    heldOutCommands: ["take the whole part of {a} divided by {b}"],
  },
  remainder: {
    expressions: [
      "the remainder of {a} and {b}",
      "{a} modulo {b}",
      "{a} mod {b}",
      "{a} % {b}",
      "the remainder of {a} divided by {b}",
      "the remainder {a} % {b}",
      "the rest when {a} is divided by {b}",
      "the rest of {a} divided by {b}",
      "the remainder when dividing {a} by {b}",
    ],
    commands: ["reduce {a} modulo {b}", "take the remainder of {a} and {b}", "take {a} modulo {b}"],
    heldOutExpressions: ["the remainder when {a} is divided by {b}", "the remainder {a} modulo {b}"],
    heldOutCommands: ["take the remainder of {a} divided by {b}"],
  },
};

/** Other names under which a library may hold a program that has phrases. */
const ALIASES: Readonly<Record<string, string>> = {
  maximum: "max",
  minimum: "min",
  modulo: "remainder",
  divide: "quotient",
};

/** Whether sentences about a program have words of its own. */
export const hasPhrases = (program: string): boolean => Object.hasOwn(PHRASES, ALIASES[program] ?? program);

/** Every template of a program with this many operands. A program without words of its own gets them from its name. */
export function templatesOf(program: string, operands: number): Template[] {
  const own = PHRASES[ALIASES[program] ?? program];
  const phrases = own !== undefined && arity(own) === operands ? own : phrasesFromName(program, operands);
  return [
    ...framed(phrases.expressions, EXPRESSION_FRAMES, false),
    ...framed(phrases.commands, COMMAND_FRAMES, false),
    ...framed(phrases.heldOutExpressions, EXPRESSION_FRAMES, true),
    ...framed(phrases.heldOutCommands, COMMAND_FRAMES, true),
  ];
}

/** A template's sentence for these operands. */
export function fill(template: string, operands: readonly number[]): string {
  return template.replace(/\{([abc])\}/g, (_, letter: string) => String(operands["abc".indexOf(letter)]));
}

function framed(phrases: readonly string[], frames: readonly string[], heldOut: boolean): Template[] {
  return phrases.flatMap((phrase) =>
    frames.map((frame) => ({ text: capitalized(frame.replace("{}", phrase)), heldOut })),
  );
}

function capitalized(text: string): string {
  return text.replace(/^[a-z](?![a-z]*\()/, (letter) => letter.toUpperCase());
}

/** How many operands the phrases speak of. */
function arity(phrases: ProgramPhrases): number {
  return new Set(phrases.expressions[0].match(/\{[abc]\}/g)).size;
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
