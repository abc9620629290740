import { SoftmachineError } from "../scheme/index.js";

/**
 * Checks that inputs are given by name.
 * @throws SoftmachineError saying what was given instead.
 */
export function checkRecord(inputs: unknown): void {
  if (typeof inputs !== "object" || inputs === null || Array.isArray(inputs))
    throw new SoftmachineError(`inputs are given by name, as { x: 1 }, not as ${describe(inputs)}`);
}

/** What something is, in words, for messages. */
export function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return "an array";
  if (typeof value === "object" || typeof value === "function")
    return `${typeof value === "object" ? "an" : "a"} ${typeof value}`;
  return `the ${typeof value} ${typeof value === "string" ? JSON.stringify(value) : String(value)}`;
}
