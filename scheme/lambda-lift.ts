import type { CoreProgram, Expression, FunctionDefinition } from "./core.js";
import { SourceError } from "./errors.js";
import type { LocalFunction, Scoped, ScopedProgram, Variable } from "./scoped.js";
import type { Source } from "./source.js";

type Call = Extract<Scoped, { kind: "call" }>;

/** The parts of an expression that are evaluated before it, in order, and the one that takes its place. */
function children(node: Scoped): { before: readonly Scoped[]; tail: readonly Scoped[] } {
  switch (node.kind) {
    case "constant":
    case "variable":
      return { before: [], tail: [] };
    case "primitive":
    case "call":
      return { before: node.args, tail: [] };
    case "if":
      return { before: [node.test], tail: [node.consequent, node.alternative] };
    case "let":
      return { before: [node.value], tail: [node.body] };
    case "derivative":
      return { before: [node.body], tail: [] };
    case "functions":
      return { before: [], tail: [node.body] };
  }
}

const nowhere: ReadonlySet<LocalFunction> = new Set();

/** A function that is only called at its definition and by itself may become a loop. */
const iterates = ({ functions }: Extract<Scoped, { kind: "functions" }>): LocalFunction | undefined =>
  functions.find(({ form }) => form === "named let" || form === "loop" || form === "do");

/** Visits every call with the functions that it would be a tail call of, taking those in `lifted` for functions of their own. */
function visitCalls(
  root: Scoped,
  lifted: ReadonlySet<LocalFunction>,
  visit: (call: Call, tailOf: ReadonlySet<LocalFunction>) => void,
): void {
  const work: { node: Scoped; tailOf: ReadonlySet<LocalFunction> }[] = [{ node: root, tailOf: nowhere }];
  for (let item = work.pop(); item; item = work.pop()) {
    const { node, tailOf } = item;
    if (node.kind === "functions") {
      const f = iterates(node);
      if (f && !lifted.has(f)) {
        work.push({ node: f.body, tailOf: new Set([...tailOf, f]) });
        if (node.body.kind === "call") for (const arg of node.body.args) work.push({ node: arg, tailOf: nowhere });
        continue;
      }
      for (const g of node.functions) work.push({ node: g.body, tailOf: nowhere });
    }
    if (node.kind === "call") visit(node, tailOf);
    const { before, tail } = children(node);
    for (const child of before) work.push({ node: child, tailOf: nowhere });
    for (const child of tail) work.push({ node: child, tailOf });
  }
}

/** The named lets and the like that can't be loops, because something calls them otherwise than in tail position. */
function notLoops(program: ScopedProgram, source: Source): Set<LocalFunction> {
  const lifted = new Set<LocalFunction>();
  const roots = [program.body, ...program.functions.map((f) => f.body)];
  for (let size = -1; size !== lifted.size; ) {
    size = lifted.size;
    for (const root of roots) {
      visitCalls(root, lifted, (call, tailOf) => {
        const f = call.callee;
        if (f.form === "define" || f.form === "let" || lifted.has(f) || tailOf.has(f)) return;
        if (f.form === "loop")
          throw new SourceError(
            "recur must be in tail position: nothing may remain to be done after it",
            source,
            call.span,
          );
        lifted.add(f);
      });
    }
  }
  return lifted;
}

/** Free variables and callees of each function that stands on its own. */
class Captures {
  private readonly free = new Map<LocalFunction, Set<Variable>>();
  private readonly callees = new Map<LocalFunction, Map<LocalFunction, Call>>();
  private readonly bound = new Map<LocalFunction, Set<Variable>>();
  private readonly lifted: ReadonlySet<LocalFunction>;

  constructor(program: ScopedProgram, lifted: ReadonlySet<LocalFunction>) {
    this.lifted = lifted;
    for (const f of program.functions) this.scan(f);
    this.scanWithin(program.body);
    this.close();
  }

  standsAlone(f: LocalFunction): boolean {
    return f.form === "define" || f.form === "let" || this.lifted.has(f);
  }

  /** What a function uses of its surroundings, in a fixed order. */
  of(f: LocalFunction): readonly Variable[] {
    return [...(this.free.get(f) ?? [])];
  }

  functions(): Iterable<LocalFunction> {
    return this.free.keys();
  }

  private scan(f: LocalFunction): void {
    if (this.free.has(f)) return;
    const used = new Set<Variable>();
    const bound = new Set<Variable>(f.parameters);
    const callees = new Map<LocalFunction, Call>();
    this.free.set(f, used);
    this.bound.set(f, bound);
    this.callees.set(f, callees);
    this.walk(f.body, (node) => {
      if (node.kind === "variable" || node.kind === "derivative") used.add(node.variable);
      else if (node.kind === "let") bound.add(node.variable);
      else if (node.kind === "call" && this.standsAlone(node.callee)) callees.set(node.callee, node);
      else if (node.kind === "functions")
        for (const g of node.functions) if (!this.standsAlone(g)) for (const x of g.parameters) bound.add(x);
    });
    for (const variable of bound) used.delete(variable);
  }

  private scanWithin(root: Scoped): void {
    this.walk(root, () => {});
  }

  /** Visits the nodes of one function's own body; the functions defined within are scanned for themselves. */
  private walk(root: Scoped, visit: (node: Scoped) => void): void {
    const work: Scoped[] = [root];
    for (let node = work.pop(); node; node = work.pop()) {
      visit(node);
      const { before, tail } = children(node);
      for (const child of [...before, ...tail].reverse()) work.push(child);
      if (node.kind === "functions")
        for (const f of node.functions) {
          if (this.standsAlone(f)) this.scan(f);
          else work.push(f.body);
        }
    }
  }

  /** What a callee uses of its surroundings, its callers use too, unless they bind it. */
  private close(): void {
    for (let changed = true; changed; ) {
      changed = false;
      for (const [f, callees] of this.callees) {
        const used = this.free.get(f) ?? new Set();
        const bound = this.bound.get(f);
        for (const callee of callees.keys())
          for (const variable of this.free.get(callee) ?? [])
            if (!bound?.has(variable) && !used.has(variable)) {
              used.add(variable);
              changed = true;
            }
      }
    }
  }
}

/**
 * Gives each variable and function a name of its own: its spelling, with a number where that is taken. Names that
 * start with % are left to later stages, for what they add; only inputs, which keep their spelling, may have one. Nor is
 * a name + or -, as +.1 is a number.
 */
class Names {
  private readonly taken = new Set<string>();
  private readonly names = new Map<object, string>();
  private readonly counts = new Map<string, number>();

  of(thing: { readonly spelling: string }): string {
    let name = this.names.get(thing);
    if (name === undefined) {
      const spelling = thing.spelling.replace(/^%|^[+-]$/, "_");
      name = spelling;
      let count = this.counts.get(spelling) ?? 0;
      while (this.taken.has(name)) name = `${spelling}.${++count}`;
      this.counts.set(spelling, count);
      this.keep(thing, name);
    }
    return name;
  }

  /** Settles a thing's name. */
  keep(thing: object, name: string): void {
    this.taken.add(name);
    this.names.set(thing, name);
  }
}

/**
 * Makes a program first-order and closed: iterations become loops, other local functions move to the top level, and
 * what a function uses of its surroundings becomes parameters (Johnsson, "Lambda Lifting", 1985).
 * @throws SourceError where `recur` is not in tail position, or a constant is used before its definition.
 */
export function lambdaLift(program: ScopedProgram, source: Source): CoreProgram {
  const captures = new Captures(program, notLoops(program, source));
  const variableNames = new Names();
  const functionNames = new Names();
  // Inputs keep their spelling: they are named first.
  for (const input of program.inputs) variableNames.keep(input, input.spelling);
  for (const f of program.functions) functionNames.of(f);
  const labels = new Names();
  const labelOf = (f: LocalFunction) => labels.of(f);
  const defined = new Set<Variable>();
  /** Within a derivative, the names of what it is with respect to. */
  const bound = new Map<Variable, string>();
  const nameOf = (variable: Variable) => bound.get(variable) ?? variableNames.of(variable);

  const lower = (node: Scoped, top: boolean): Expression => {
    const { span } = node;
    switch (node.kind) {
      case "constant":
        return node;
      case "variable":
        if (top) checkDefined(node.variable, node);
        return { kind: "variable", name: nameOf(node.variable), span };
      case "primitive":
        return { kind: "primitive", op: node.op, args: node.args.map((arg) => lower(arg, top)), span };
      case "if":
      case "let":
        return lowerRow(node, top);
      case "call": {
        const args = node.args.map((arg) => lower(arg, top));
        if (!captures.standsAlone(node.callee)) return { kind: "recur", label: labelOf(node.callee), args, span };
        for (const variable of captures.of(node.callee)) {
          if (top) checkDefined(variable, node, node.callee.spelling);
          args.push({ kind: "variable", name: nameOf(variable), span });
        }
        return { kind: "call", callee: functionNames.of(node.callee), args, span };
      }
      case "derivative": {
        if (top) checkDefined(node.variable, node);
        const outer = bound.get(node.variable);
        const at = { kind: "variable", name: nameOf(node.variable), span: node.at } as const;
        const variable = variableNames.of({ spelling: node.variable.spelling });
        bound.set(node.variable, variable);
        const body = lower(node.body, top);
        if (outer === undefined) bound.delete(node.variable);
        else bound.set(node.variable, outer);
        return { kind: "derivative", variable, at, body, span };
      }
      case "functions": {
        const f = iterates(node);
        if (!f || captures.standsAlone(f)) return lower(node.body, top);
        const start = node.body.kind === "call" ? node.body.args : [];
        return {
          kind: "loop",
          label: labelOf(f),
          variables: f.parameters.map((parameter) => variableNames.of(parameter)),
          initial: start.map((arg) => lower(arg, top)),
          body: lower(f.body, top),
          span,
        };
      }
    }
  };

  /** A row of lets and ifs, as `cond`, `and`, `or` and `let*` make, however long, without recursion on its length. */
  const lowerRow = (first: Scoped, top: boolean): Expression => {
    const row: ((rest: Expression) => Expression)[] = [];
    let rest = first;
    while (rest.kind === "let" || rest.kind === "if") {
      const { span } = rest;
      if (rest.kind === "let") {
        const value = lower(rest.value, top);
        if (program.constants.has(rest.variable)) defined.add(rest.variable);
        const name = variableNames.of(rest.variable);
        row.push((body) => ({ kind: "let", name, value, body, span }));
        rest = rest.body;
        continue;
      }
      const test = lower(rest.test, top);
      if (rest.alternative.kind === "constant") {
        const { alternative } = rest;
        row.push((consequent) => ({ kind: "if", test, consequent, alternative, span }));
        rest = rest.consequent;
      } else {
        const consequent = lower(rest.consequent, top);
        row.push((alternative) => ({ kind: "if", test, consequent, alternative, span }));
        rest = rest.alternative;
      }
    }
    return row.reduceRight((inner, wrap) => wrap(inner), lower(rest, top));
  };

  const checkDefined = (variable: Variable, at: Scoped, through?: string) => {
    if (!program.constants.has(variable) || defined.has(variable)) return;
    const what = through
      ? `"${through}" uses "${variable.spelling}", which is defined later`
      : `"${variable.spelling}" is defined later`;
    throw new SourceError(what, source, at.span);
  };

  const body = lower(program.body, true);
  const functions = new Map<string, FunctionDefinition<Expression>>();
  for (const f of captures.functions()) {
    const name = functionNames.of(f);
    const parameters = [...f.parameters, ...captures.of(f)].map((variable) => variableNames.of(variable));
    functions.set(name, { name, parameters, body: lower(f.body, false), span: f.span });
  }
  return { source, functions, body, inputs: program.inputs.map((input) => variableNames.of(input)) };
}
