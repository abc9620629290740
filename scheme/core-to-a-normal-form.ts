import type { AnfProgram, Atom, Binding, Block, Computation, Tail } from "./a-normal-form.js";
import type { CoreProgram, Expression, FunctionDefinition } from "./core.js";
import { specOf } from "./ops.js";
import { withinStack } from "./program.js";
import { tailCallsToLoops } from "./tail-calls.js";

/** Fresh names: no local name starts with %, and inputs that do are passed over. */
class Temporaries {
  private readonly inputs: ReadonlySet<string>;
  private count = 0;

  constructor(inputs: ReadonlySet<string>) {
    this.inputs = inputs;
  }

  next(): string {
    const name = `%${this.count++}`;
    return this.inputs.has(name) ? this.next() : name;
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

  /** The block that ends in the value of an expression. Rows of `if`, as `cond` makes, may be long: it does not recur on them. */
  finish(expression: Expression): Block {
    const row: ((rest: Block) => Block)[] = [];
    let builder: BlockBuilder = this;
    let last = builder.lets(expression);
    while (last.kind === "if") {
      const { span, consequent, alternative } = last;
      const { bindings } = builder;
      const test = builder.atom(last.test);
      const end = (yes: Block, no: Block): Block => ({
        bindings,
        tail: { kind: "if", test, consequent: yes, alternative: no, span },
      });
      const within = alternative.kind === "constant" ? consequent : alternative;
      const other = builder.inner().finish(within === consequent ? alternative : consequent);
      row.push((rest) => (within === consequent ? end(rest, other) : end(other, rest)));
      builder = builder.inner();
      last = builder.lets(within);
    }
    const innermost: Block = { bindings: builder.bindings, tail: builder.tail(last) };
    return row.reduceRight((block, wrap) => wrap(block), innermost);
  }

  private inner(): BlockBuilder {
    return new BlockBuilder(this.temporaries, this.renamed);
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

  private tail(expression: Exclude<Expression, { kind: "if" }>): Tail {
    const { span } = expression;
    switch (expression.kind) {
      case "recur":
        return { kind: "recur", label: expression.label, args: this.atoms(expression.args), span };
      case "call":
        return { kind: "call", callee: expression.callee, args: this.atoms(expression.args), span };
      case "loop":
        return this.loop(expression);
      default:
        return { kind: "return", value: this.atom(expression), span };
    }
  }

  private loop({ label, variables, initial, body, span }: Extract<Expression, { kind: "loop" }>) {
    const atoms = this.atoms(initial);
    return { kind: "loop", label, variables, initial: atoms, body: this.inner().finish(body), span } as const;
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
      case "if": {
        const test = this.atom(inner.test);
        const consequent = this.inner().finish(inner.consequent);
        const alternative = this.inner().finish(inner.alternative);
        return this.bind({ kind: "if", test, consequent, alternative, span }, name);
      }
      case "loop":
        return this.bind(this.loop(inner), name);
      case "derivative": {
        const { kind, variable, at, body } = inner;
        return this.bind({ kind, variable, at: this.atom(at), body: this.inner().finish(body), span }, name);
      }
      default:
        throw new Error(`a ${inner.kind} is not a value`);
    }
  }

  /** An operation on two arguments at a time, from the left, where it takes any number. */
  private primitive(expression: Extract<Expression, { kind: "primitive" }>): Computation {
    const { op, span } = expression;
    const args = this.atoms(expression.args);
    const spread = specOf(op).spread?.kind;
    if ((spread !== "fold" && spread !== "inverse") || args.length <= 2) return { kind: "primitive", op, args, span };
    const last = args[args.length - 1];
    const total = args
      .slice(1, -1)
      .reduce((first, second) => this.bind({ kind: "primitive", op, args: [first, second], span }), args[0]);
    return { kind: "primitive", op, args: [total, last], span };
  }

  private bind(value: Computation, name = this.temporaries.next()): Atom {
    this.bindings.push({ name, value });
    return { kind: "variable", name, span: value.span };
  }
}

/** Core to A-normal form, with self tail calls made into loops. */
export function aNormalForm(program: CoreProgram): AnfProgram {
  return withinStack(program.source, () => {
    const inputs = new Set(program.inputs);
    const convert = (body: Expression) => new BlockBuilder(new Temporaries(inputs), new Map()).finish(body);
    const functions = new Map<string, FunctionDefinition<Block>>();
    for (const f of program.functions.values())
      functions.set(f.name, tailCallsToLoops({ ...f, body: convert(f.body) }));
    return { ...program, functions, body: convert(program.body) };
  });
}
