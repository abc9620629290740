import { type AdamSettings, adamStep, type Moments, withMoments } from "../direct/index.js";
import { normal, random } from "./random.js";

export const ADAM: AdamSettings = { beta1: 0.9, beta2: 0.98, epsilon: 1e-8 };

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
  readonly #rows = new Map<number, Moments<Float32Array> & { steps: number }>();

  /** Rows of `width` values, starting as normal numbers of the deviation given, or as `first` has them. */
  constructor(width: number, deviation: number, seed: readonly number[], first?: (token: number) => Float32Array) {
    this.width = width;
    this.#start =
      first ??
      ((token) => {
        const next = random(...seed, token);
        return Float32Array.from({ length: width }, () => (deviation === 0 ? 0 : deviation * normal(next)));
      });
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
      adamStep(row, gradient.subarray(i * this.width, (i + 1) * this.width), rate, row.steps, ADAM, scale);
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
