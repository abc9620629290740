/**
 * Which tokens a model's training sentences have next to each other. A small transformer is as sure of words thrown
 * together as of a sentence: it was never shown any that mean nothing. That two words never stood together is seen at once.
 */
import { isNumeral } from "./batch.js";
import type { Model } from "./model.js";
import { PURPOSES, random } from "./random.js";
import { type Sentence, SentenceSource, type TemplateChoice } from "./sentences.js";
import { fill } from "./templates.js";
import { TwoStepSource } from "./two-step-sentences.js";

/** All numbers are one token here. */
const NUMBER = -1;

/** Two-step questions drawn for each program: of such questions, about one in a hundred has a pair that none of these has. */
const QUESTIONS_PER_PROGRAM = 700;

/** What a model was taught with, a run's, say. */
export interface Taught {
  /** Own sentences, if there were any. */
  readonly sentences?: readonly Sentence[];
  /** How many templates of each program, and which; without it, all. */
  readonly options?: TemplateChoice;
}

const cache = new WeakMap<Model, Taught & { readonly pairs: FamiliarPairs }>();

/** The pairs of a model's training templates and of its own sentences. */
export function familiarPairs(model: Model, { sentences, options }: Taught): FamiliarPairs {
  const known = cache.get(model);
  if (known !== undefined && known.sentences === sentences && known.options === options) return known.pairs;
  const pairs = new FamiliarPairs(model, { sentences, options });
  cache.set(model, { sentences, options, pairs });
  return pairs;
}

/** As many two-step questions as have nearly all pairs that such questions can have, if the model learned from any. */
function twoStepQuestions({ sizes, table: { programs } }: Model, source: SentenceSource): Sentence[] {
  if (sizes.calls === 1) return [];
  const twoSteps = new TwoStepSource(programs, source);
  const next = random(PURPOSES.evaluation, QUESTIONS_PER_PROGRAM);
  return Array.from({ length: QUESTIONS_PER_PROGRAM * programs.length }, () => twoSteps.draw(next, "train"));
}

export class FamiliarPairs {
  readonly #model: Model;
  readonly #pairs = new Map<number, Set<number>>();

  constructor(model: Model, { sentences = [], options }: Taught = {}) {
    this.#model = model;
    const { programs } = model.table;
    const source = new SentenceSource(programs, options);
    for (const { name } of programs) {
      for (const { text } of source.templates(name, "train")) this.#add(fill(text, [1, 1, 1]));
    }
    for (const { text } of [...sentences, ...twoStepQuestions(model, source)]) this.#add(text);
  }

  /** The pairs that training never had, in words, in those of a text's sentences that have numbers. */
  unfamiliar(text: string): string[] {
    const { tokenizer } = this.#model;
    return sentencesWithNumbers(text).flatMap((sentence) => {
      const ids = this.#tokens(sentence);
      const written = this.#model.encode(sentence);
      return ids.flatMap((id, i) => {
        // The first word may be any: it begins a sentence, not the text.
        if (i < 2 || this.#pairs.get(ids[i - 1])?.has(id)) return [];
        return `${tokenizer.tokenText(written[i - 1])}${tokenizer.tokenText(written[i])}`.trim();
      });
    });
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
    return this.#model.encode(text).map((id) => (isNumeral(tokenizer, id) ? NUMBER : id));
  }
}

function sentencesWithNumbers(text: string): string[] {
  return text.split(/(?<=[.!?;:])\s+/).filter((sentence) => /[0-9]/.test(sentence));
}
