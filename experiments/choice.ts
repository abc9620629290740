/** Choices made on validation questions: which settings, and when to stop. Test questions are for the result alone. */

/** What a network came to on questions: the share that it got right, 0..1, and the mean of -ln P(answer), in nats. */
export interface Score {
  readonly accuracy: number;
  readonly loss: number;
}

/** Whether one score is better: more right, or as many at a lower loss. */
export const isBetter = (a: Score, b: Score): boolean =>
  a.accuracy > b.accuracy || (a.accuracy === b.accuracy && a.loss < b.loss);

/** The mean of scores. */
export function meanScore(scores: readonly Score[]): Score {
  const mean = (part: keyof Score) => scores.reduce((sum, score) => sum + score[part], 0) / scores.length;
  return { accuracy: mean("accuracy"), loss: mean("loss") };
}

/** Seeds of the networks that settings are chosen by. The command line reports none of them: it ends at seed 1000. */
export const choosingSeeds = [2001, 2002, 2003, 2004, 2005] as const;

/** Settings that were tried, with the mean of their networks' validation scores. */
export type Tried<S> = S & { readonly validation: Score; readonly chosen: boolean };

/** Settings with their score. */
export interface Scored<S> {
  readonly candidate: S;
  readonly validation: Score;
}

/**
 * Tries each of the settings; the best is `chosen`, of equals the first. Where there is one only, nothing is tried.
 *
 * @param isPreferred whether one is better than another (default: its score is).
 */
export function choose<S>(
  candidates: readonly [S, ...S[]],
  score: (candidate: S) => Score,
  isPreferred: (a: Scored<S>, b: Scored<S>) => boolean = (a, b) => isBetter(a.validation, b.validation),
) {
  const [first, ...others] = candidates;
  if (others.length === 0) return { chosen: first, tried: [] };
  const scored = candidates.map((candidate): Scored<S> => ({ candidate, validation: score(candidate) }));
  const best = scored.reduce((a, b) => (isPreferred(b, a) ? b : a));
  const tried = scored.map((each): Tried<S> => {
    return { ...each.candidate, validation: each.validation, chosen: each === best };
  });
  return { chosen: best.candidate, tried };
}
