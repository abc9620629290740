import { type OpName, type Span, scalarMeaning, specOf } from "../scheme/index.js";
import type { Arithmetic } from "./graph.js";

/**
 * What a node of the graph can do: the language's operations, and `chain*`, the product of the chain rule where a factor
 * may belong to a branch not taken. Its 0 means that nothing depends there, so 0 wins, over infinity and NaN too.
 */
export type GraphOp = OpName | "chain*";

export function chainProduct(a: number, b: number): number {
  return a === 0 || b === 0 ? 0 : a * b;
}

/** What an operation on numbers computes. */
export function meaningOf(op: GraphOp): (...args: number[]) => number {
  return op === "chain*" ? chainProduct : scalarMeaning(op);
}

/** A place where strict mode checks an operation's arguments. */
export interface DomainCheck {
  readonly op: OpName;
  readonly span: Span;
  /** Why arguments are outside the domain; undefined inside it. */
  readonly outside: (...args: number[]) => string | undefined;
}

/**
 * What strict mode checks of an operation; undefined for nothing. It checks what the program says, not what derivatives
 * add: a slope may be infinite inside the domain, as that of the square root at 0.
 */
export function checkOf({ domain }: Arithmetic, op: GraphOp, span: Span | undefined): DomainCheck | undefined {
  if (domain !== "strict" || span === undefined || op === "chain*") return undefined;
  const { outside } = specOf(op);
  return outside && { op, span, outside };
}
