/** The place of an operand in a phrase: `{a}` stands for a program's first operand, wherever the words put it. */
export type Place = "a" | "b" | "c";

/**
 * The phrases of one program, each with every operand's place once, and without other numbers. Those held out are never
 * trained on: they recombine words that the program's other phrases teach.
 */
export interface ProgramPhrases {
  /** Noun phrases: "the sum of {a} and {b}". */
  readonly expressions: readonly string[];
  /** Imperatives: "add {a} to {b}". */
  readonly commands: readonly string[];
  /** Questions without their mark: "is {a} a prime". */
  readonly questions?: readonly string[];
  readonly heldOutExpressions: readonly string[];
  readonly heldOutCommands: readonly string[];
  readonly heldOutQuestions?: readonly string[];
  /** Operands of which sentences speak only below a number. */
  readonly below?: Readonly<Partial<Record<Place, number>>>;
  /** Two operands that are the ends of a range: in a sentence the first is not above the second. */
  readonly range?: readonly [low: Place, high: Place];
}

/** Phrases by the program's name. */
export type PhraseTable = Readonly<Record<string, ProgramPhrases>>;
