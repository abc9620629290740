import { caret, type Source, type Span } from "./source.js";

/** Anything that a user of softmachine can cause. Its message is meant to be read as it stands, without a stack trace. */
export class SoftmachineError extends Error {
  override readonly name: string = "SoftmachineError";
}

/** A fault in a program's text: what is wrong, line:column, and the source line with a caret below it. */
export class SourceError extends SoftmachineError {
  override readonly name = "SourceError";
  readonly line: number;
  readonly column: number;
  /** What is wrong, alone. */
  readonly what: string;

  constructor(what: string, whole: Source, within: Span) {
    const { source, span } = whole.origin(within);
    const { line, column } = source.position(span.start);
    super(`${source.name}:${line}:${column}: ${what}\n${caret(source, span)}`);
    this.what = what;
    this.line = line;
    this.column = column;
  }
}

/** A run that failed, be it one of a batch. */
class RunError extends SoftmachineError {
  /** What is wrong, without the row. */
  readonly what: string;
  /** The row of a batch, counted from 0. */
  readonly row: number | undefined;

  constructor(what: string, row?: number) {
    super(row === undefined ? what : `${what}, in row ${row}`);
    this.what = what;
    this.row = row;
  }
}

/** A run that left an operation's domain under `domain: "strict"`. */
export class DomainError extends RunError {
  override readonly name = "DomainError";
}

/** A run that used up its iterations, its frames or its memory. */
export class BudgetError extends RunError {
  override readonly name = "BudgetError";
}

/** The candidate nearest to `word` in edit distance, if it is near enough to be a misspelling. */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined;
  // In a short word every change makes another word.
  let bestDistance = word.length < 3 ? 1 : Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const candidate of candidates) {
    if (candidate !== word && candidate.toLowerCase() === word.toLowerCase()) return candidate;
    if (candidate === word || Math.abs(candidate.length - word.length) >= bestDistance) continue;
    const distance = editDistance(word, candidate);
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** Insertions, deletions, substitutions and swaps of neighbours (Damerau 1964, each letter edited once at most). */
function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      next[j] = Math.min(substitution, row[j] + 1, next[j - 1] + 1);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) next[j] = Math.min(next[j], before[j - 2] + 1);
    }
    before = row;
    row = next;
  }
  return row[b.length];
}

/** ` (did you mean "x"?)`, or nothing when no candidate is near. */
export function suggestion(word: string, candidates: Iterable<string>): string {
  const near = nearest(word, candidates);
  return near === undefined ? "" : ` (did you mean "${near}"?)`;
}

/** The message of anything thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
