import { SoftmachineError } from "./errors.js";

/** How much a run may do before it is taken for endless. */
export interface Budget {
  /** Loop iterations and function calls, together. */
  readonly iterations: number;
  /** Function calls that are under way at once, tail calls not counted. */
  readonly frames: number;
}

export const defaultBudget: Budget = { iterations: 10_000_000, frames: 100_000 };

/**
 * The budget with its defaults filled in.
 * @throws SoftmachineError for a number that is not whole and positive; infinity is allowed.
 */
export function budgetOf(options: Partial<Budget>): Budget {
  const checked = (what: keyof Budget) => {
    const count = options[what] ?? defaultBudget[what];
    if (count >= 1 && (Number.isInteger(count) || count === Number.POSITIVE_INFINITY)) return count;
    throw new SoftmachineError(`the budget of ${what} must be a whole number from 1, not ${count}`);
  };
  return { iterations: checked("iterations"), frames: checked("frames") };
}

const grouped = new Intl.NumberFormat("en-US");

export const outOfIterations = (iterations: number) =>
  `still running after ${grouped.format(iterations)} iterations; raise the iteration budget (iterations) if it is meant to take longer`;

export const outOfFrames = (frames: number) =>
  `recursion is deeper than ${grouped.format(frames)} frames; raise the frame budget (frames) if it is meant to go deeper`;
