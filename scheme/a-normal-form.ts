import type { Program } from "./core.js";
import type { OpName } from "./ops.js";
import type { Span } from "./source.js";

/** An operand that needs no computation. */
export type Atom =
  | { readonly kind: "constant"; readonly value: number; readonly span: Span }
  | { readonly kind: "variable"; readonly name: string; readonly span: Span };

interface Branch {
  readonly kind: "if";
  readonly test: Atom;
  readonly consequent: Block;
  readonly alternative: Block;
  readonly span: Span;
}

interface Loop {
  readonly kind: "loop";
  readonly label: string;
  readonly variables: readonly string[];
  readonly initial: readonly Atom[];
  readonly body: Block;
  readonly span: Span;
}

interface Call {
  readonly kind: "call";
  readonly callee: string;
  readonly args: readonly Atom[];
  readonly span: Span;
}

interface Primitive {
  readonly kind: "primitive";
  readonly op: OpName;
  readonly args: readonly Atom[];
  readonly span: Span;
}

interface Derivative {
  readonly kind: "derivative";
  readonly variable: string;
  readonly at: Atom;
  readonly body: Block;
  readonly span: Span;
}

/** What a name can be bound to: one operation on atoms. The blocks of an `if`, `loop` or `derivative` here end in `return`, or in `recur` to loops within. */
export type Computation = Primitive | Call | Branch | Loop | Derivative;

/** How a block ends. A `call` here is a tail call; a `loop` here may leave by `recur` to a loop around it. */
export type Tail =
  | { readonly kind: "return"; readonly value: Atom; readonly span: Span }
  | { readonly kind: "recur"; readonly label: string; readonly args: readonly Atom[]; readonly span: Span }
  | Call
  | Branch
  | Loop;

export interface Binding {
  readonly name: string;
  readonly value: Computation;
}

/** Bindings in the order of evaluation, then the tail. */
export interface Block {
  readonly bindings: readonly Binding[];
  readonly tail: Tail;
}

/** A program in A-normal form: each operation has a name and works on atoms (Flanagan et al., "The Essence of Compiling with Continuations", 1993). */
export type AnfProgram = Program<Block>;
