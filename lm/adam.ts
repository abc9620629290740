/**
 * Adam ("Adam: A Method for Stochastic Optimization", 2015) over typed arrays that this process owns, so that a run's
 * state is a handful of arrays. Embedding rows are kept sparsely: a row exists from when a batch first holds its token.
 */
import { normal, random } from "./random.js";

export interface AdamSettings {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
}

export const ADAM: AdamSettings = { beta1: 0.9, beta2: 0.98, epsilon: 1e-8 };

/** A parameter with its two moments. */
export interface Moments {
  readonly value: Float32Array;
  readonly first: Float32Array;
  readonly second: Float32Array;
}

/** A parameter at `value`, with moments of zero. */
export function withMoments(value: Float32Array): Moments {
  return { value, first: new Float32Array(value.length), second: new Float32Array(value.length) };
}

/** One step on part of a parameter: `length` entries from `at`, gradients from `from` on times `scale`; t counts from 1. */
export function adamStep(
  { value, first, second }: Moments,
  at: number,
  gradient: Float32Array,
  from: number,
  length: number,
  scale: number,
  rate: number,
  t: number,
  { beta1, beta2, epsilon }: AdamSettings = ADAM,
): void {
  const correction1 = 1 / (1 - beta1 ** t);
  const correction2 = 1 / (1 - beta2 ** t);
  for (let i = 0; i < length; i++) {
    const g = gradient[from + i] * scale;
    const m = beta1 * first[at + i] + (1 - beta1) * g;
    const v = beta2 * second[at + i] + (1 - beta2) * g * g;
    first[at + i] = m;
    second[at + i] = v;
    value[at + i] -= (rate * m * correction1) / (Math.sqrt(v * correction2) + epsilon);
  }
}

/** A sparse table as arrays: [tokens], [tokens, width] three times, and each row's own count of steps, [tokens]. */
export interface SavedRows {
  readonly tokens: Int32Array;
  readonly value: Float32Array;
  readonly first: Float32Array;
  readonly second: Float32Array;
  readonly steps: Int32Array;
}

/**
 * A table of rows by token, of which only those ever asked for exist. A row starts as a function of the seed and its
 * token alone, so the order in which rows are met makes no difference. Each row counts its own steps for Adam.
 */
export class SparseRows {
  readonly width: number;
  readonly #start: (token: number) => Float32Array;
  readonly #rows = new Map<number, Moments & { steps: number }>();

  /** Rows of `width` values, starting as normal numbers of the deviation given. */
  constructor(width: number, deviation: number, seed: readonly number[]) {
    this.width = width;
    this.#start = (token) => {
      const next = random(...seed, token);
      return Float32Array.from({ length: width }, () => (deviation === 0 ? 0 : deviation * normal(next)));
    };
  }

  /** The tokens whose rows exist, ascending. */
  get tokens(): Int32Array {
    return Int32Array.from(this.#rows.keys()).sort();
  }

  /** Whether a token was ever trained on. */
  has(token: number): boolean {
    return this.#rows.has(token);
  }

  /** The rows of these tokens, one after the other. Rows that don't exist are made up, and kept only by `step`. */
  gather(tokens: Int32Array): Float32Array {
    const values = new Float32Array(tokens.length * this.width);
    tokens.forEach((token, i) => {
      values.set(this.#rows.get(token)?.value ?? this.#start(token), i * this.width);
    });
    return values;
  }

  /** One step of Adam on these tokens' rows and on no other. */
  step(tokens: Int32Array, gradient: Float32Array, scale: number, rate: number): void {
    tokens.forEach((token, i) => {
      let row = this.#rows.get(token);
      if (row === undefined) {
        row = { ...withMoments(this.#start(token)), steps: 0 };
        this.#rows.set(token, row);
      }
      row.steps++;
      adamStep(row, 0, gradient, i * this.width, this.width, scale, rate, row.steps);
    });
  }

  /** All rows, for a checkpoint. */
  save(): SavedRows {
    const tokens = this.tokens;
    const value = new Float32Array(tokens.length * this.width);
    const first = new Float32Array(value.length);
    const second = new Float32Array(value.length);
    const steps = new Int32Array(tokens.length);
    tokens.forEach((token, i) => {
      const row = this.#rows.get(token);
      if (row === undefined) return;
      value.set(row.value, i * this.width);
      first.set(row.first, i * this.width);
      second.set(row.second, i * this.width);
      steps[i] = row.steps;
    });
    return { tokens, value, first, second, steps };
  }

  /** Puts back what `save` gave. */
  restore({ tokens, value, first, second, steps }: SavedRows): void {
    this.#rows.clear();
    tokens.forEach((token, i) => {
      const range: [number, number] = [i * this.width, (i + 1) * this.width];
      this.#rows.set(token, {
        value: value.slice(...range),
        first: first.slice(...range),
        second: second.slice(...range),
        steps: steps[i],
      });
    });
  }
}
