import type { OpName } from "./ops.js";
import type { Span } from "./source.js";

// Between text and core: names are resolved to objects, but local functions still stand where they were written.

/** A variable by identity: two of the same spelling are two objects. */
export interface Variable {
  readonly spelling: string;
  /** A free variable of the program. */
  readonly input: boolean;
  readonly span: Span;
}

/** A function by identity. `parameters` and `body` are filled in once its scope is known. */
export interface LocalFunction {
  readonly spelling: string;
  /** How it was written, which decides what may become of it and how faults are worded. */
  readonly form: "define" | "let" | "named let" | "loop" | "do";
  parameters: readonly Variable[];
  body: Scoped;
  readonly span: Span;
}

export type Scoped =
  | { readonly kind: "constant"; readonly value: number; readonly span: Span }
  | { readonly kind: "variable"; readonly variable: Variable; readonly span: Span }
  | { readonly kind: "primitive"; readonly op: OpName; readonly args: readonly Scoped[]; readonly span: Span }
  | { readonly kind: "call"; readonly callee: LocalFunction; readonly args: readonly Scoped[]; readonly span: Span }
  | {
      readonly kind: "if";
      readonly test: Scoped;
      readonly consequent: Scoped;
      readonly alternative: Scoped;
      readonly span: Span;
    }
  | {
      readonly kind: "let";
      readonly variable: Variable;
      readonly value: Scoped;
      readonly body: Scoped;
      readonly span: Span;
    }
  | {
      /** The derivative of `body` with respect to a variable in scope, which was written at `at`. */
      readonly kind: "derivative";
      readonly variable: Variable;
      readonly at: Span;
      readonly body: Scoped;
      readonly span: Span;
    }
  | {
      readonly kind: "functions";
      readonly functions: readonly LocalFunction[];
      readonly body: Scoped;
      readonly span: Span;
    };

/** A program with its names resolved. Constants are in the order of the text. */
export interface ScopedProgram {
  readonly functions: readonly LocalFunction[];
  readonly body: Scoped;
  readonly inputs: readonly Variable[];
  /** Top-level constants, which are let-bound around the body. */
  readonly constants: ReadonlySet<Variable>;
}
