/** What a frozen encoder makes of texts, a state for each token of ours, computed once for each text. */
import type { Encoder } from "./encoder.js";
import type { Tokenizer } from "./tokenizer.js";

/** Bytes of states that are kept; beyond them the texts not asked for longest are forgotten, and computed again. */
const KEPT = 2 ** 28;

/** An encoder's states by text. */
export class FrozenStates {
  readonly encoder: Encoder;
  readonly #tokenizer: Tokenizer;
  readonly #room: number;
  /** By ids, the one asked for last at the end. */
  readonly #known = new Map<string, Float32Array>();
  #bytes = 0;

  /** @param room bytes of states to keep */
  constructor(encoder: Encoder, tokenizer: Tokenizer, room = KEPT) {
    this.encoder = encoder;
    this.#tokenizer = tokenizer;
    this.#room = room;
  }

  /** The states of the tokens of several texts, one after the other: [tokens of all, width]. */
  of(sequences: readonly (readonly number[])[]): Float32Array {
    const { width } = this.encoder;
    const states = new Float32Array(width * sequences.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const sequence of sequences) {
      const found = this.#ofOne(sequence);
      states.set(found, at);
      at += found.length;
    }
    return states;
  }

  #ofOne(sequence: readonly number[]): Float32Array {
    const key = sequence.join();
    let states = this.#known.get(key);
    if (states === undefined) {
      states = this.#compute(sequence);
      this.#bytes += states.byteLength;
    }
    this.#known.delete(key);
    this.#known.set(key, states);
    for (const [oldest, { byteLength }] of this.#known) {
      if (this.#bytes <= this.#room || oldest === key) break;
      this.#known.delete(oldest);
      this.#bytes -= byteLength;
    }
    return states;
  }

  /**
   * A number may be several tokens of the encoder's: its state is their mean. A token that the encoder hasn't is zeros.
   * States are divided by their root mean square, so that training does not depend on an encoder's scale.
   */
  #compute(sequence: readonly number[]): Float32Array {
    const { width } = this.encoder;
    const parts = sequence.map((id) => this.#tokenizer.vocabularyIds(id));
    const ids = parts.flat();
    const encoded = ids.length === 0 ? new Float32Array(0) : this.encoder.states(ids);
    const states = new Float32Array(sequence.length * width);
    let from = 0;
    parts.forEach(({ length }, token) => {
      const state = states.subarray(token * width, (token + 1) * width);
      for (let part = 0; part < length; part++, from += width) {
        for (let i = 0; i < width; i++) state[i] += encoded[from + i];
      }
      const size = Math.sqrt(state.reduce((sum, value) => sum + value * value, 0) / width);
      if (size > 0) for (let i = 0; i < width; i++) state[i] /= size;
    });
    return states;
  }
}
