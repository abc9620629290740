import type { OpName } from "./ops.js";
import type { Source, Span } from "./source.js";

/**
 * The core language, which every form expands to. Local names are unique within a program (`x`, `x.1`, …), so that
 * no later stage can confuse two variables; free variables keep the names the user gave them.
 */
export type Expression =
  | { readonly kind: "constant"; readonly value: number; readonly span: Span }
  | { readonly kind: "variable"; readonly name: string; readonly span: Span }
  | { readonly kind: "primitive"; readonly op: OpName; readonly args: readonly Expression[]; readonly span: Span }
  | { readonly kind: "call"; readonly callee: string; readonly args: readonly Expression[]; readonly span: Span }
  | {
      readonly kind: "if";
      readonly test: Expression;
      readonly consequent: Expression;
      readonly alternative: Expression;
      readonly span: Span;
    }
  | {
      readonly kind: "let";
      readonly name: string;
      readonly value: Expression;
      readonly body: Expression;
      readonly span: Span;
    }
  | {
      /** Iterates `body` until it ends otherwise than by a `recur` with this label; `recur` stands in tail position only. */
      readonly kind: "loop";
      readonly label: string;
      readonly variables: readonly string[];
      readonly initial: readonly Expression[];
      readonly body: Expression;
      readonly span: Span;
    }
  | {
      /** The derivative of `body` with respect to `variable`, which is bound in it, at the value of `at`. */
      readonly kind: "derivative";
      readonly variable: string;
      readonly at: Extract<Expression, { kind: "variable" }>;
      readonly body: Expression;
      readonly span: Span;
    }
  | { readonly kind: "recur"; readonly label: string; readonly args: readonly Expression[]; readonly span: Span };

/** A first-order function, closed: what it uses of its surroundings is among its parameters. */
export interface FunctionDefinition<Body> {
  readonly name: string;
  readonly parameters: readonly string[];
  readonly body: Body;
  readonly span: Span;
}

/** A whole program: functions, one expression to evaluate, and its free variables in the order of the text. */
export interface Program<Body> {
  readonly source: Source;
  readonly functions: ReadonlyMap<string, FunctionDefinition<Body>>;
  readonly body: Body;
  readonly inputs: readonly string[];
}

export type CoreProgram = Program<Expression>;
