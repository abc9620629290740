/**
 * Random numbers that are a function of what they are for. A stream is named by integers such as (seed, purpose, step),
 * so that nothing has to be replayed to continue a run: step 700 draws the same whether or not step 699 was drawn here.
 */
import { seededRandom } from "../machine/index.js";

/** What a stream of random numbers is for. Each has a number of its own, so that no two share a stream. */
export const PURPOSES = {
  parameters: 1,
  embedding: 2,
  data: 3,
  split: 4,
  evaluation: 5,
  calibration: 6,
  templates: 7,
} as const;

/** A source of numbers in [0, 1). */
export type Random = () => number;

/** A 32-bit mix of integers: murmur3's finalizer over a running hash (Appleby 2011). */
export function hash(...keys: readonly number[]): number {
  let h = 0x9e3779b9;
  for (const key of keys) {
    h = Math.imul(h ^ key, 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
    h = (h ^ (h >>> 16)) + 0x9e3779b9;
  }
  return h >>> 0;
}

/** The stream named by `keys`: the generator started from their hash. */
export function random(...keys: readonly number[]): Random {
  return seededRandom(hash(...keys));
}

/** A standard normal number, by the polar form of Box and Muller (1958). */
export function normal(next: Random): number {
  for (;;) {
    const u = 2 * next() - 1;
    const v = 2 * next() - 1;
    const s = u * u + v * v;
    if (s > 0 && s < 1) return u * Math.sqrt((-2 * Math.log(s)) / s);
  }
}

/** A whole number in 0..below-1. */
export function integer(next: Random, below: number): number {
  return Math.floor(next() * below);
}
