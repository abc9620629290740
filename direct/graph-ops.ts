import { type OpName, type ScalarOpName, type Span, scalarMeaning, specOf } from "../scheme/index.js";
import type { Arithmetic } from "./graph.js";

/**
 * What a node of the graph can do: the language's operations on numbers, and `chain*`, the product of the chain rule where
 * a factor may belong to a branch not taken. Its 0 means that nothing depends there, so 0 wins, over infinity and NaN too.
 * Of those on arrays only `ref` is here, of an index and a length: the index, once it is found to be a whole number of 0
 * and more, below the length.
 */
export type GraphOp = ScalarOpName | "chain*" | "ref";

export function chainProduct(a: number, b: number): number {
  return a === 0 || b === 0 ? 0 : a * b;
}

/** What an operation on numbers computes. */
export function meaningOf(op: GraphOp): (...args: number[]) => number {
  if (op === "ref") return (index) => index;
  return op === "chain*" ? chainProduct : scalarMeaning(op);
}

/** A place where an operation's arguments are checked. */
export interface DomainCheck {
  readonly op: OpName;
  readonly span: Span;
  /** Why arguments are outside the domain; undefined inside it. */
  readonly outside: (...args: number[]) => string | undefined;
}

const outsideArray = (index: number, length: number) =>
  Number.isInteger(index) && index >= 0 && index < length ? undefined : `index ${index} is outside 0..${length - 1}`;

/**
 * What is checked of an operation; undefined for nothing. An index is checked in any case, the rest by strict mode. It
 * checks what the program says, not what derivatives add: a slope may be infinite inside the domain, as that of the
 * square root at 0.
 */
export function checkOf({ domain }: Arithmetic, op: GraphOp | OpName, span: Span | undefined): DomainCheck | undefined {
  if (op === "ref" && span !== undefined) return { op, span, outside: outsideArray };
  if (domain !== "strict" || span === undefined || op === "chain*") return undefined;
  const { outside } = specOf(op);
  return outside && { op, span, outside };
}
