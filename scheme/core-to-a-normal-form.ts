import type { AnfProgram, Atom, Binding, Block, Computation, Tail } from "./a-normal-form.js";
import type { CoreProgram, Expression, FunctionDefinition } from "./core.js";
import { specOf } from "./ops.js";
import { withinStack } from "./program.js";
import { tailCallsToLoops } from "./tail-calls.js";

/** Fresh names that no variable of a function has. */
class Temporaries {
  private count = 0;

  next(): string {
    return `%${this.count++}`;
  }
}

/** Builds one block; names bound in it are seen from where they are bound to its end. */
class BlockBuilder {
  private readonly bindings: Binding[] = [];
  private readonly temporaries: Temporaries;
  /** What a `let` of an atom stands for: it needs no binding. */
  private readonly renamed: Map<string, Atom>;

  constructor(temporaries: Temporaries, renamed: Map<string, Atom>) {
    this.temporaries = temporaries;
    this.renamed = renamed;
  }

  /** The block that ends in the value of an expression. */
  finish(expression: Expression): Block {
    const last = this.lets(expression);
    return { bindings: this.bindings, tail: this.tail(last) };
  }

  /** Binds a row of lets and gives what they surround. */
  private lets(expression: Expression): Expression {
    let rest = expression;
    while (rest.kind === "let") {
      this.renamed.set(rest.name, this.atom(rest.value, rest.name));
      rest = rest.body;
    }
    return rest;
  }

  private tail(expression: Expression): Tail {
    const { span } = expression;
    switch (expression.kind) {
      case "recur":
        return { kind: "recur", label: expression.label, args: this.atoms(expression.args), span };
      case "call":
        return { kind: "call", callee: expression.callee, args: this.atoms(expression.args), span };
      case "if":
      case "loop":
        return this.control(expression);
      default:
        return { kind: "return", value: this.atom(expression), span };
    }
  }

  private control(expression: Extract<Expression, { kind: "if" | "loop" }>) {
    const { span } = expression;
    const block = (body: Expression) => new BlockBuilder(this.temporaries, this.renamed).finish(body);
    if (expression.kind === "if") {
      const test = this.atom(expression.test);
      const consequent = block(expression.consequent);
      return { kind: "if", test, consequent, alternative: block(expression.alternative), span } as const;
    }
    const { label, variables } = expression;
    const initial = this.atoms(expression.initial);
    return { kind: "loop", label, variables, initial, body: block(expression.body), span } as const;
  }

  private atoms(expressions: readonly Expression[]): Atom[] {
    return expressions.map((expression) => this.atom(expression));
  }

  /** The expression's value as an atom, under `name` if it needs one. */
  private atom(expression: Expression, name?: string): Atom {
    const inner = this.lets(expression);
    const { span } = inner;
    switch (inner.kind) {
      case "constant":
        return inner;
      case "variable":
        return this.renamed.get(inner.name) ?? inner;
      case "primitive":
        return this.bind(this.primitive(inner), name);
      case "call":
        return this.bind({ kind: "call", callee: inner.callee, args: this.atoms(inner.args), span }, name);
      case "if":
      case "loop":
        return this.bind(this.control(inner), name);
      default:
        throw new Error(`a ${inner.kind} is not a value`);
    }
  }

  /** An operation on two arguments at a time, from the left, where it takes any number. */
  private primitive(expression: Extract<Expression, { kind: "primitive" }>): Computation {
    const { op, span } = expression;
    let args = this.atoms(expression.args);
    const spread = specOf(op).spread?.kind;
    if (spread === "fold" || spread === "inverse")
      while (args.length > 2) {
        const [first, second, ...rest] = args;
        args = [this.bind({ kind: "primitive", op, args: [first, second], span }), ...rest];
      }
    return { kind: "primitive", op, args, span };
  }

  private bind(value: Computation, name = this.temporaries.next()): Atom {
    this.bindings.push({ name, value });
    return { kind: "variable", name, span: value.span };
  }
}

/** Core to A-normal form, with self tail calls made into loops. */
export function aNormalForm(program: CoreProgram): AnfProgram {
  return withinStack(program.source, () => {
    const convert = (body: Expression) => new BlockBuilder(new Temporaries(), new Map()).finish(body);
    const functions = new Map<string, FunctionDefinition<Block>>();
    for (const f of program.functions.values())
      functions.set(f.name, tailCallsToLoops({ ...f, body: convert(f.body) }));
    return { ...program, functions, body: convert(program.body) };
  });
}
