/** Texts to the arrays that the transformer takes. */
import { SoftmachineError } from "../scheme/index.js";
import type { Tokenizer } from "./tokenizer.js";

/**
 * Token sequences packed one after the other, for all that is done token by token, and where they lie in a rectangle
 * padded on the left, for attention. There the last position is each text's last token.
 */
export interface Batch {
  readonly size: number;
  /** The longest sequence. */
  readonly length: number;
  /** The distinct tokens in the batch, ascending. */
  readonly tokens: Int32Array;
  /** For each packed token its place in `tokens`: [packed]. */
  readonly rows: Int32Array;
  /** For each packed token its place in the rectangle: [packed]. */
  readonly positions: Int32Array;
  /** For each place in the rectangle its packed token, or any where it is padding: [size · length]. */
  readonly packedAt: Int32Array;
  /** Where each question's last token is packed: [size]. */
  readonly lasts: Int32Array;
  /** How many places before each text are padding: [size]. */
  readonly padding: Int32Array;
  /**
   * The rows of the numeral table that the batch reads: its distinct number tokens; at least one row, so that a batch
   * without numbers has a table too. Where numbers are read by digits, the ten digits.
   */
  readonly numerals: Int32Array;
  /** The distinct numbers in the batch, in digits, where they are read so. */
  readonly numbers?: readonly string[];
  /** Whether `numerals` holds numbers. */
  readonly hasNumerals: boolean;
  /**
   * For each place in the rectangle its place in `numerals`, or in `numbers` where there are those, or -1 where there is no
   * number: [size · length].
   */
  readonly numeralRows: Int32Array;
  /** Where an encoder reads the texts, its states: [packed, width]. */
  readonly states?: Float32Array;
}

/** The longest text in tokens: attention takes memory with the square of it. */
const MAX_TOKENS = 256;
/** The longest in characters, so that what is far too long is not even told into tokens. */
const MAX_CHARACTERS = 16 * MAX_TOKENS;

/**
 * The ids of a text. It is lower-cased and starts with a space first, so that a word is one token wherever it stands:
 * the vocabulary has "add", " add", "Add" and " Add" as four tokens that have nothing in common. 007 is read as 7, and
 * 2^5 as 2 ^ 5.
 *
 * @throws SoftmachineError when it is too long to be read.
 */
export function encodeText(tokenizer: Tokenizer, text: string): number[] {
  return encodePlain(tokenizer, plainText(text));
}

/** A text as token ids in which each number, however long, is the token of one and the same digit, and the numbers. */
export interface DigitText {
  readonly ids: readonly number[];
  /** The digits of each number, as they stand in the text but for zeros in front. */
  readonly numbers: readonly string[];
}

/** Stands for every number, whatever it is: what a text asks for can then not hang on the values in it. */
const ANY_NUMBER = "0";

/**
 * The ids and numbers of a text whose numbers are read by digits.
 *
 * @throws SoftmachineError as `encodeText`; and when the tokenizer has no token of its own for a digit.
 */
export function encodeDigitText(tokenizer: Tokenizer, text: string): DigitText {
  const plain = plainText(text);
  const numbers = plain.match(NUMBERS) ?? [];
  const ids = encodePlain(tokenizer, plain.replace(NUMBERS, ANY_NUMBER));
  if (ids.filter((id) => isNumeral(tokenizer, id)).length !== numbers.length) {
    throw new SoftmachineError(`tokenizer "${tokenizer.name}" has no token of its own for each number of "${plain}"`);
  }
  return { ids, numbers };
}

const NUMBERS = /[0-9]+/g;

/** @throws SoftmachineError for a text of more characters than can be read. */
function plainText(text: string): string {
  if (text.length > MAX_CHARACTERS) {
    throw new SoftmachineError(`the text has ${text.length} characters; at most ${MAX_CHARACTERS} can be read`);
  }
  return text
    .replace(/(?<=[0-9)])\s*([-+*/^%])\s*(?=[0-9(])/g, " $1 ")
    .toLowerCase()
    .replace(/\s+/g, " ")
    .replace(/(?<![0-9])0+(?=[0-9])/g, "")
    .trim();
}

/** @throws SoftmachineError for a text of more tokens than can be read. */
function encodePlain(tokenizer: Tokenizer, plain: string): number[] {
  const ids = tokenizer.encode(` ${plain}`);
  if (ids.length > MAX_TOKENS) {
    throw new SoftmachineError(`the text has ${ids.length} tokens; at most ${MAX_TOKENS} can be read`);
  }
  return ids;
}

/** Whether a token is a number: decimal digits and nothing else. */
export function isNumeral(tokenizer: Tokenizer, id: number): boolean {
  let known = numeralCache.get(tokenizer);
  if (known === undefined) {
    known = new Map();
    numeralCache.set(tokenizer, known);
  }
  let numeral = known.get(id);
  if (numeral === undefined) {
    numeral = /^[0-9]+$/.test(tokenizer.tokenText(id));
    known.set(id, numeral);
  }
  return numeral;
}

const numeralCache = new WeakMap<Tokenizer, Map<number, boolean>>();

/** The rows of a table of digits. */
const DIGITS = Int32Array.from({ length: 10 }, (_, digit) => digit);

/** A batch of texts whose numbers are read by digits. */
export function makeDigitBatch(tokenizer: Tokenizer, texts: readonly DigitText[]): Batch {
  const batch = makeBatch(
    tokenizer,
    texts.map(({ ids }) => ids),
  );
  const numbers = [...new Set(texts.flatMap((text) => text.numbers))];
  const places = new Map(numbers.map((number, place) => [number, place]));
  // Each text's numbers stand at its number tokens, in order.
  const inOrder = texts.flatMap((text) => text.numbers.map((number) => places.get(number) ?? -1));
  let next = 0;
  const numeralRows = batch.numeralRows.map((row) => (row < 0 ? -1 : inOrder[next++]));
  return { ...batch, numerals: DIGITS, hasNumerals: numbers.length > 0, numbers, numeralRows };
}

/** The token that stands for every number where a text is to be read without their values. */
export function placeholder(tokenizer: Tokenizer): number {
  const [token] = encodeText(tokenizer, ANY_NUMBER).filter((id) => isNumeral(tokenizer, id));
  if (token === undefined) throw new SoftmachineError(`tokenizer "${tokenizer.name}" has no token for a number`);
  return token;
}

/** Tokens of the answers that follow questions in a batch, and tokens whose rows it needs besides. */
export interface BatchAdditions {
  /** What follows each question; calls are read before it. */
  readonly answers?: readonly (readonly number[])[];
  readonly tokens?: Int32Array;
  /** The token that stands for every number of a question, where not each its own. */
  readonly placeholder?: number;
}

/** Pads token sequences to one length and numbers their tokens. */
export function makeBatch(
  tokenizer: Tokenizer,
  questions: readonly (readonly number[])[],
  { answers, tokens: others = new Int32Array(), placeholder: shared }: BatchAdditions = {},
): Batch {
  const read =
    shared === undefined
      ? questions
      : questions.map((question) => question.map((id) => (isNumeral(tokenizer, id) ? shared : id)));
  const sequences = answers === undefined ? read : read.map((question, i) => [...question, ...answers[i]]);
  const size = sequences.length;
  const length = Math.max(1, ...sequences.map((sequence) => sequence.length));
  const tokens = Int32Array.from(new Set([...sequences.flat(), ...others])).sort();
  const place = new Map(Array.from(tokens, (token, row) => [token, row]));
  const asked = Int32Array.from(new Set(questions.flat())).sort();
  const numerals = asked.filter((token) => isNumeral(tokenizer, token));
  const numeralPlace = new Map(Array.from(numerals, (token, row) => [token, row]));
  const total = sequences.reduce((sum, sequence) => sum + sequence.length, 0);
  const rows = new Int32Array(total);
  const positions = new Int32Array(total);
  const packedAt = new Int32Array(size * length);
  const numeralRows = new Int32Array(size * length).fill(-1);
  const lasts = new Int32Array(size);
  const padding = new Int32Array(size);
  let packed = 0;
  sequences.forEach((sequence, i) => {
    padding[i] = length - sequence.length;
    sequence.forEach((token, j) => {
      const at = i * length + padding[i] + j;
      rows[packed] = place.get(token) ?? 0;
      positions[packed] = at;
      packedAt[at] = packed++;
      // Operands are a question's numbers, never its answer's.
      numeralRows[at] = j < questions[i].length ? (numeralPlace.get(questions[i][j]) ?? -1) : -1;
    });
    lasts[i] = packed - 1 - (sequence.length - questions[i].length);
  });
  return {
    size,
    length,
    tokens,
    rows,
    positions,
    packedAt,
    lasts,
    padding,
    hasNumerals: numerals.length > 0,
    numerals: numerals.length > 0 ? numerals : tokens.slice(0, 1),
    numeralRows,
  };
}
