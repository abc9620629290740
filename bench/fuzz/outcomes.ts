import type { NestedNumbers } from "../../direct/index.js";
import { messageOf, SoftmachineError } from "../../scheme/index.js";
import type { Row } from "./cases.js";

/** Two ways to compute one thing that differ, or an error that is none of ours. */
export class Disagreement extends Error {}

/** What a run gave: a value, or the error that took its place. */
export type Outcome<T> = { readonly value: T } | { readonly error: SoftmachineError };

/** @throws Disagreement for an error that is not a SoftmachineError. */
export function outcome<T>(what: string, run: () => T): Outcome<T> {
  try {
    return { value: run() };
  } catch (error) {
    if (error instanceof SoftmachineError) return { error };
    throw new Disagreement(
      `${what} crashed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    );
  }
}

export const given = <T>(result: Outcome<T>): T | undefined => ("value" in result ? result.value : undefined);

/** The numbers of a value, by rows. */
export const flat = (value: NestedNumbers): number[] => (typeof value === "number" ? [value] : value.flatMap(flat));

/** Numbers as text, NaN and -0 included. */
export const show = (value: unknown): string =>
  JSON.stringify(value, (_, item: unknown) =>
    typeof item === "number" && (!Number.isFinite(item) || Object.is(item, -0))
      ? Object.is(item, -0)
        ? "-0"
        : String(item)
      : item,
  ) ?? String(value);

/** @throws Disagreement where numbers are not the same to the last bit; NaN is NaN. */
export function expectSame(what: string, row: Row, found: ArrayLike<number>, wanted: ArrayLike<number>): void {
  let same = found.length === wanted.length;
  for (let i = 0; same && i < wanted.length; i++) same = Object.is(found[i], wanted[i]);
  if (same) return;
  throw new Disagreement(
    `${what}\n  at    ${show(row)}\n  found ${show(Array.from(found))}\n  not   ${show(Array.from(wanted))}`,
  );
}

/** @throws Disagreement where a number is further from another than allowed. */
export function expectClose(what: string, row: Row, found: number, wanted: number, tolerance: number): void {
  if (Math.abs(found - wanted) <= tolerance) return;
  throw new Disagreement(
    `${what}\n  at    ${show(row)}\n  found ${show(found)}\n  not   ${show(wanted)}, within ${tolerance}`,
  );
}

/** @throws Disagreement where one way gave a value and the other an error. */
export function expectSameKind(what: string, row: Row, found: Outcome<unknown>, wanted: Outcome<unknown>): void {
  if ("error" in found === "error" in wanted) return;
  const text = (one: Outcome<unknown>) => ("error" in one ? `error: ${messageOf(one.error)}` : show(one.value));
  throw new Disagreement(`${what}\n  at    ${show(row)}\n  found ${text(found)}\n  not   ${text(wanted)}`);
}
