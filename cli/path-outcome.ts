import { messageOf, SoftmachineError, SourceError, type Value } from "../scheme/index.js";

/** What one path made of a program. */
export interface PathOutcome {
  readonly path: string;
  readonly value?: Value;
  /** What the value is compared with: the reference's value, modulo n for the machines; on a grid the exact machine's. */
  readonly expected?: Value;
  readonly agrees?: boolean;
  /**
   * Derivative by input, of the input's shape, where the value is a number; on the machines the change of the expected
   * result to the input's next value.
   */
  readonly gradient?: Readonly<Record<string, Value>>;
  /** The largest difference from the reference's gradient by differences. */
  readonly gradientDifference?: number;
  /** Time for one evaluation. */
  readonly seconds?: number;
  /** Why the path has no value, or a remark. */
  readonly note?: string;
}

/** A path's outcome, or in one line why it has none. */
export function attempt(path: string, run: () => Omit<PathOutcome, "path">): PathOutcome {
  try {
    return { path, ...run() };
  } catch (error) {
    return unable(path, error);
  }
}

export function unable(path: string, error: unknown): PathOutcome {
  if (!(error instanceof SoftmachineError)) throw error;
  const message = error instanceof SourceError ? error.what : messageOf(error);
  return { path, note: message.split("\n", 1)[0] };
}
