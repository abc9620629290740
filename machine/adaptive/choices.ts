/** Choices between whole numbers, made at random, by replay, or in every way. */

/** Chooses a whole number from `low` to `high`, both included, each as likely as another. */
export type Choose = (low: number, high: number) => number;

/** Chooses at random. */
export const randomly =
  (random: () => number): Choose =>
  (low, high) =>
    low + Math.floor(random() * (high - low + 1));

interface Choice {
  value: number;
  readonly low: number;
  readonly high: number;
}

/** What came of one way to choose. */
export interface Outcome<T> {
  readonly result: T;
  /** The choices made, in their order. */
  readonly choices: readonly number[];
  /** How probable it is that choosing at random goes this way. */
  readonly probability: number;
}

/** Every way to choose, once each, in lexicographic order. */
export function* everyOutcome<T>(run: (choose: Choose) => T): Generator<Outcome<T>, void, undefined> {
  const path: Choice[] = [];
  for (;;) {
    let made = 0;
    const result = run((low, high) => {
      if (made === path.length) path.push({ value: low, low, high });
      return path[made++].value;
    });
    const probability = path.reduce((p, { low, high }) => p / (high - low + 1), 1);
    yield { result, choices: path.map(({ value }) => value), probability };
    while (path.length > 0 && path[path.length - 1].value === path[path.length - 1].high) path.pop();
    const last = path.at(-1);
    if (last === undefined) return;
    last.value++;
  }
}

/** Chooses what was chosen before, as near as the ranges allow; and where that ends, the lowest. */
export function replay(choices: readonly number[], made: number[] = []): Choose {
  return (low, high) => {
    const value = Math.min(Math.max(choices[made.length] ?? low, low), high);
    made.push(value);
    return value;
  };
}

/** Lowers choices, one after the other and as far as it goes, such that what holds of them still does. */
export function shrink(choices: readonly number[], holds: (choose: Choose) => boolean): number[] {
  let best = [...choices];
  for (let again = true; again; ) {
    again = false;
    for (let i = 0; i < best.length; i++) {
      for (let value = 0; value < best[i]; value++) {
        const made: number[] = [];
        const lower = best.map((choice, j) => (j === i ? value : choice));
        if (!holds(replay(lower, made)) || made[i] !== value) continue;
        best = made;
        again = true;
        break;
      }
    }
  }
  return best;
}
