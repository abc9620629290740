/** Whether a numeral table reads numbers right: of a learned one the test of what was learned, of a flashed one of what is left. */
import { likeliest } from "../machine/index.js";
import { isNumeral } from "./batch.js";
import { DIGITS } from "./digit-numbers.js";
import type { Model } from "./model.js";

/** How many of the numbers 0..n-1 a numeral table reads right. */
export interface NumeralCheck {
  /** Those that the tokenizer has one token for; ten where numbers are read by digits. */
  readonly numbers: number;
  /** Those of them whose most probable value is the number. */
  readonly right: number;
  /** The others, the first ones. */
  readonly wrong: readonly { readonly number: number; readonly readAs: number | undefined }[];
}

/** Wrong numbers that are listed. */
const LISTED = 10;

/** Reads every number 0..n-1, or every digit where numbers are read by those, by a model's numeral table; undefined where the model reads none. */
export function checkNumerals(model: Model): NumeralCheck | undefined {
  if (!model.readsNumerals) return undefined;
  const { tokenizer, table } = model;
  const wrong: { number: number; readAs: number | undefined }[] = [];
  let numbers = 0;
  const byDigits = model.sizes.numbers === "digits";
  for (let number = 0; number < (byDigits ? DIGITS : table.n); number++) {
    const tokens = byDigits ? [number] : tokenizer.encode(` ${number}`).filter((id) => isNumeral(tokenizer, id));
    if (tokens.length !== 1) continue;
    numbers++;
    // A row that training never met says nothing, however it is read.
    const readAs = model.knowsNumeral(tokens[0])
      ? likeliest(model.numerals.gather(Int32Array.from(tokens)))
      : undefined;
    if (readAs !== number) wrong.push({ number, readAs });
  }
  return { numbers, right: numbers - wrong.length, wrong: wrong.slice(0, LISTED) };
}
