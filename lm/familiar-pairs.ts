/**
 * Which tokens a model's training sentences have next to each other. A small transformer is as sure of words thrown
 * together as of a sentence: it was never shown any that mean nothing. That two words never stood together is seen at once.
 */
import { encodeText, isNumeral } from "./batch.js";
import type { Model } from "./model.js";
import type { Sentence } from "./sentences.js";
import { fill, templatesOf } from "./templates.js";

/** Tokens before the first number, and after the last, within which a question names what is to be done with them. */
const BEFORE = 4;
const AFTER = 2;

/** All numbers are one token here. */
const NUMBER = -1;

const cache = new WeakMap<Model, { readonly sentences: readonly Sentence[]; readonly pairs: FamiliarPairs }>();

/** The pairs of a model's training templates and of its own sentences. */
export function familiarPairs(model: Model, sentences: readonly Sentence[]): FamiliarPairs {
  const known = cache.get(model);
  if (known?.sentences === sentences) return known.pairs;
  const pairs = new FamiliarPairs(model, sentences);
  cache.set(model, { sentences, pairs });
  return pairs;
}

export class FamiliarPairs {
  readonly #model: Model;
  readonly #pairs = new Map<number, Set<number>>();

  constructor(model: Model, sentences: readonly Sentence[]) {
    this.#model = model;
    for (const { name, operands } of model.table.programs) {
      for (const { text, heldOut } of templatesOf(name, operands)) if (!heldOut) this.#add(fill(text, [1, 1, 1]));
    }
    for (const { text } of sentences) this.#add(text);
  }

  /** The pairs around a text's numbers that training never had, in words. */
  unfamiliar(text: string): string[] {
    const ids = this.#tokens(text);
    const first = ids.indexOf(NUMBER) - BEFORE;
    const last = ids.lastIndexOf(NUMBER) + AFTER;
    const { tokenizer } = this.#model;
    const found: string[] = [];
    const written = encodeText(tokenizer, text);
    for (let i = Math.max(1, first); i <= last && i < ids.length; i++) {
      if (this.#pairs.get(ids[i - 1])?.has(ids[i])) continue;
      found.push(`${tokenizer.tokenText(written[i - 1])}${tokenizer.tokenText(written[i])}`.trim());
    }
    return found;
  }

  #add(text: string): void {
    const ids = this.#tokens(text);
    for (let i = 1; i < ids.length; i++) {
      const followers = this.#pairs.get(ids[i - 1]) ?? new Set<number>();
      this.#pairs.set(ids[i - 1], followers.add(ids[i]));
    }
  }

  #tokens(text: string): number[] {
    const { tokenizer } = this.#model;
    return encodeText(tokenizer, text).map((id) => (isNumeral(tokenizer, id) ? NUMBER : id));
  }
}
