import { SoftmachineError } from "../scheme/index.js";

/**
 * Checks a size, a count or a budget.
 *
 * @throws SoftmachineError naming it when it is not a whole number from `low` to `high`.
 */
export function checkWholeNumber(what: string, value: number, low: number, high = Number.POSITIVE_INFINITY): void {
  if (Number.isInteger(value) && value >= low && value <= high) return;
  const range = Number.isFinite(high) ? `from ${low} to ${high}` : `of at least ${low}`;
  throw new SoftmachineError(`${what} must be a whole number ${range}; got ${value}`);
}
