import { type OpName, type ScalarOpName, type Span, scalarMeaning, specOf } from "../scheme/index.js";
import type { Arithmetic } from "./graph.js";

/**
 * What a node of the graph can do: the language's operations on numbers, and `chain*`, the product of the chain rule where
 * a factor may belong to a branch not taken. Its 0 means that nothing depends there, so 0 wins, over infinity and NaN too.
 * Of those on arrays only the checks are here, each with the number checked as its value: `ref` and `update` of an index and a length,
 * that the index is a whole number of 0 and more, below the length; for strict mode `normalize` of a length and `inv` of a
 * pivot, that they are not 0.
 */
export type GraphOp = ScalarOpName | "chain*" | ArrayCheck;

export type IndexCheck = "ref" | "update";
export type ArrayCheck = IndexCheck | "normalize" | "inv";

export const isIndexCheck = (op: GraphOp | OpName): op is IndexCheck => op === "ref" || op === "update";
export const isArrayCheck = (op: GraphOp): op is ArrayCheck => isIndexCheck(op) || op === "normalize" || op === "inv";

export function chainProduct(a: number, b: number): number {
  return a === 0 || b === 0 ? 0 : a * b;
}

/** What an operation on numbers computes. */
export function meaningOf(op: GraphOp): (...args: number[]) => number {
  if (isArrayCheck(op)) return (x) => x;
  return op === "chain*" ? chainProduct : scalarMeaning(op);
}

/** A place where an operation's arguments are checked. */
export interface DomainCheck {
  readonly op: OpName;
  readonly span: Span;
  /** Why arguments are outside the domain; undefined inside it. */
  readonly outside: (...args: number[]) => string | undefined;
  /** Whether the arguments are the program's, and go into the message. */
  readonly shows: boolean;
}

const outsideArray = (index: number, length: number) =>
  Number.isInteger(index) && index >= 0 && index < length ? undefined : `index ${index} is outside 0..${length - 1}`;

/**
 * What is checked of an operation; undefined for nothing. An index is checked in any case, the rest by strict mode. It
 * checks what the program says, not what derivatives add: a slope may be infinite inside the domain, as that of the
 * square root at 0.
 */
export function checkOf({ domain }: Arithmetic, op: GraphOp | OpName, span: Span | undefined): DomainCheck | undefined {
  if (isIndexCheck(op) && span !== undefined) return { op, span, outside: outsideArray, shows: true };
  if (domain !== "strict" || span === undefined || op === "chain*") return undefined;
  const { outside, degenerate } = specOf(op);
  if (degenerate) return { op, span, outside: (x) => (x === 0 ? degenerate.what : undefined), shows: false };
  return outside && { op, span, outside, shows: true };
}
