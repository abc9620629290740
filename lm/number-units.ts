/**
 * One token for every number, whatever the tokenizer. Some tokenizers read 128 as one token, some as three, some as
 * whatever pieces their merges came to; an operand head points at one position and reads it, and a numeral table has one
 * row a number, so a number must be one. Where a vocabulary reads numbers as LLaMA 3's does, in groups of up to three
 * digits from the left, it is left alone. Otherwise numbers are cut out of the text first, and each group of up to three
 * digits is a unit with an id of its own beyond the vocabulary.
 */
import type { Tokenizer } from "./tokenizer.js";
import type { Vocabulary } from "./tokenizer-file.js";

/** A group of digits, with the space before it, which belongs to it as it does to a word. */
const GROUP = / ?([0-9]{1,3})/g;

const DIGITS = 3;

/** Where the units of one, two and three digits begin: 007, 07 and 7 are units of their own, as parts of long numbers. */
const FIRST_OF_LENGTH = [0, 10, 110];
const UNITS = 1110;

/** A long number, that a vocabulary must cut as units are cut if it is to be left alone. */
const LONG = "1234567";

/** A tokenizer over a vocabulary, with units for numbers where the vocabulary has no token for each. */
export function withNumberUnits(vocabulary: Vocabulary): Tokenizer {
  const { name, sha256, size, after } = vocabulary;
  // A text must have a token to begin with: the empty one too has a last position.
  const begin = size;
  const before = vocabulary.before.length > 0 ? vocabulary.before : [begin];
  const shared = { name, sha256 };
  if (readsNumbersAsUnits(vocabulary)) {
    return {
      ...shared,
      vocabularySize: size + 1,
      encode: (text) => [...before, ...vocabulary.encode(text), ...after],
      tokenText: (id) => (id === begin ? "" : vocabulary.tokenText(id)),
      vocabularyIds: (id) => (id === begin ? [] : [id]),
    };
  }
  const firstUnit = size + 1;
  const parts = new Map<number, number[]>();
  return {
    ...shared,
    vocabularySize: firstUnit + UNITS,
    encode(text) {
      const ids = [...before];
      let from = 0;
      for (const { 0: found, 1: digits, index } of text.matchAll(GROUP)) {
        if (index > from) ids.push(...vocabulary.encode(text.slice(from, index)));
        ids.push(firstUnit + FIRST_OF_LENGTH[digits.length - 1] + Number(digits));
        from = index + found.length;
      }
      if (from < text.length) ids.push(...vocabulary.encode(text.slice(from)));
      ids.push(...after);
      return ids;
    },
    tokenText: (id) => (id < begin ? vocabulary.tokenText(id) : id === begin ? "" : digitsOf(id - firstUnit)),
    vocabularyIds(id) {
      if (id <= begin) return id === begin ? [] : [id];
      let ids = parts.get(id);
      if (ids === undefined) {
        ids = vocabulary.encode(` ${digitsOf(id - firstUnit)}`);
        parts.set(id, ids);
      }
      return ids;
    },
  };
}

/** The digits of a unit. */
function digitsOf(unit: number): string {
  const length = FIRST_OF_LENGTH.findLastIndex((first) => first <= unit) + 1;
  return String(unit - FIRST_OF_LENGTH[length - 1]).padStart(length, "0");
}

/** Whether a vocabulary has one token for every group of up to three digits, and reads longer numbers as such groups. */
function readsNumbersAsUnits(vocabulary: Vocabulary): boolean {
  const wanted = Array.from({ length: UNITS }, (_, unit) => digitsOf(unit));
  const text = ` ${[...wanted, LONG].join(" ")}`;
  for (let at = 0; at < LONG.length; at += DIGITS) wanted.push(LONG.slice(at, at + DIGITS));
  let found: number[];
  try {
    found = vocabulary.encode(text);
  } catch {
    // It has no token for some number at all.
    return false;
  }
  const numbers = found.map((id) => vocabulary.tokenText(id)).filter((token) => /^[0-9]+$/.test(token));
  return numbers.length === wanted.length && numbers.every((token, i) => token === wanted[i]);
}
