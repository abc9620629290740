import { SourceError, suggestion } from "./errors.js";
import { type Form, forms } from "./forms.js";
import { aliases, type OpName, opNamed, opNames, specOf } from "./ops.js";
import { type Datum, isSymbol, type List } from "./reader.js";
import type { LocalFunction, Scoped, ScopedProgram, Variable } from "./scoped.js";
import type { Source, Span } from "./source.js";

type Meaning = Variable | LocalFunction;

/** Local names, innermost first. */
export class Scope {
  private readonly names: ReadonlyMap<string, Meaning>;
  private readonly outer: Scope | undefined;
  /** What was looked up here before, so that a long `let*` does not go through all its scopes for each name. */
  private readonly found = new Map<string, Meaning | undefined>();
  /** The loop that a `recur` here belongs to. */
  readonly loop: LocalFunction | undefined;

  constructor(names: ReadonlyMap<string, Meaning>, outer?: Scope, loop?: LocalFunction) {
    this.names = names;
    this.outer = outer;
    this.loop = loop;
  }

  lookUp(name: string): Meaning | undefined {
    let meaning: Meaning | undefined;
    for (let scope: Scope | undefined = this; scope; scope = scope.outer) {
      meaning = scope.names.get(name) ?? scope.found.get(name);
      if (meaning || scope.found.has(name)) break;
    }
    this.found.set(name, meaning);
    return meaning;
  }

  /** The functions that could be applied here. */
  *functions(): Iterable<string> {
    for (let scope: Scope | undefined = this; scope; scope = scope.outer)
      for (const [name, meaning] of scope.names) if (isFunction(meaning)) yield name;
  }

  /** The variables that can be seen here, inputs left out. */
  *variables(): Iterable<string> {
    for (let scope: Scope | undefined = this; scope; scope = scope.outer)
      for (const [name, meaning] of scope.names) if (!isFunction(meaning)) yield name;
  }
}

const isForm = (datum: Datum, name: string): datum is List =>
  datum.kind === "list" && !datum.bracket && isSymbol(datum.items[0], name);
const isFunction = (meaning: Meaning): meaning is LocalFunction => "body" in meaning;
const plural = (count: number, noun: string) => `${count} ${noun}${count === 1 ? "" : "s"}`;

/** Turns data into scoped expressions: resolves each name, spells out each form, checks each arity. */
export class Expander {
  readonly source: Source;
  private readonly global = new Map<string, Meaning>();
  private readonly inputs = new Map<string, Variable>();

  /** Functions that may be called though nothing here defines them: where each is called first. */
  readonly elsewhere = new Map<string, Span>();

  /** @param known functions that others define. A program that calls one is good for its outline alone. */
  constructor(
    source: Source,
    readonly known: ReadonlySet<string> = new Set(),
  ) {
    this.source = source;
  }

  fail(what: string, at: { readonly span: Span }): never {
    throw new SourceError(what, this.source, at.span);
  }

  /**
   * Expands a whole program: definitions, then the value of the last expression. With `entry`, the program is a call of
   * that function, whose parameters become the inputs, and expressions at the top level are only checked.
   */
  program(data: readonly Datum[], entry?: string): ScopedProgram {
    const definitions = data.filter((datum): datum is List => isForm(datum, "define"));
    const declared = new Map(definitions.map((definition) => [definition, this.declare(definition)]));
    const scope = new Scope(this.global);
    const functions: LocalFunction[] = [];
    const constants: { variable: Variable; value: Scoped }[] = [];
    const expressions: Scoped[] = [];
    const bound: { variable: Variable; value: Scoped; span: Span }[] = [];
    for (const datum of data) {
      const definition = datum.kind === "list" ? declared.get(datum) : undefined;
      if (definition === undefined && entry !== undefined) {
        this.check(datum, scope);
      } else if (definition === undefined) {
        const value = this.expression(datum, scope);
        const last = expressions.length === 0 ? undefined : expressions[expressions.length - 1];
        if (last) bound.push({ variable: this.temporary(last.span), value: last, span: last.span });
        expressions.push(value);
      } else if (isFunction(definition.meaning)) {
        this.lambdaBody(definition.meaning, definition.parameters, definition.body, scope);
        functions.push(definition.meaning);
      } else {
        const value = this.body(definition.body, scope, datum);
        constants.push({ variable: definition.meaning, value });
        bound.push({ variable: definition.meaning, value, span: datum.span });
      }
    }
    let body: Scoped;
    if (entry !== undefined) body = this.entryCall(entry, functions);
    else if (expressions.length > 0) body = expressions[expressions.length - 1];
    else {
      const end = { span: { start: this.source.text.length, end: this.source.text.length } };
      const names = functions.map((f) => f.spelling);
      this.fail(
        names.length === 0
          ? "the program has no expression to evaluate"
          : `the program only defines ${names.join(", ")}: add an expression to evaluate, or name one of them as the entry`,
        data[0] ?? end,
      );
    }
    for (const { variable, value, span } of bound.reverse()) body = { kind: "let", variable, value, body, span };
    const inputs = [...this.inputs.values()];
    if (entry === undefined) inputs.sort((a, b) => a.span.start - b.span.start);
    return { functions, body, inputs, constants: new Set(constants.map((constant) => constant.variable)) };
  }

  /** Expands for the faults alone: nothing comes of it, not even inputs. */
  private check(datum: Datum, scope: Scope): void {
    const known = new Set(this.inputs.keys());
    this.expression(datum, scope);
    for (const name of this.inputs.keys()) if (!known.has(name)) this.inputs.delete(name);
  }

  private entryCall(entry: string, functions: readonly LocalFunction[]): Scoped {
    const callee = functions.find((f) => f.spelling === entry);
    const start = { span: { start: 0, end: 0 } };
    if (!callee) {
      const names = functions.map((f) => f.spelling);
      this.fail(`no function "${entry}" is defined here${suggestion(entry, names)}`, start);
    }
    const { span } = callee;
    const free = [...this.inputs.values()].sort((a, b) => a.span.start - b.span.start);
    this.inputs.clear();
    const args = callee.parameters.map((parameter): Scoped => {
      const clash = free.find((variable) => variable.spelling === parameter.spelling);
      if (clash) this.fail(`"${clash.spelling}" is an operand of "${entry}" and also a free variable elsewhere`, clash);
      return { kind: "variable", variable: this.input(parameter.spelling, parameter.span), span: parameter.span };
    });
    for (const variable of free) this.inputs.set(variable.spelling, variable);
    return { kind: "call", callee, args, span };
  }

  /** Enters a definition's name into the global scope, its body unread. */
  private declare(definition: List) {
    const [, target, ...rest] = definition.items;
    if (target === undefined)
      this.fail("define needs a name and a value, as (define k 2) or (define (f x) (* 2 x))", definition);
    let name = target;
    let parameters: readonly Datum[] | undefined;
    let body = rest;
    if (target.kind === "list") {
      if (target.items.length === 0) this.fail("define needs a function's name", target);
      [name] = target.items;
      parameters = target.items.slice(1);
    } else if (rest.length === 1 && isForm(rest[0], "lambda")) {
      ({ parameters, body } = this.lambda(rest[0]));
    }
    if (!isSymbol(name)) this.fail("a definition's name must be a symbol", name);
    if (Object.hasOwn(forms, name.name) || name.name === "define" || name.name === "lambda")
      this.fail(`"${name.name}" is a form of the language and can't be defined`, name);
    if (this.global.has(name.name)) this.fail(`"${name.name}" is defined twice`, name);
    if (body.length === 0) this.fail(`the definition of "${name.name}" has no body`, definition);
    if (!parameters && body.length > 1) this.fail(`the constant "${name.name}" takes one value`, body[1]);
    const meaning: Meaning = parameters
      ? this.localFunction(name.name, "define", name.span)
      : { spelling: name.name, input: false, span: name.span };
    this.global.set(name.name, meaning);
    return { meaning, parameters: parameters ?? [], body };
  }

  localFunction(spelling: string, form: LocalFunction["form"], span: Span): LocalFunction {
    return { spelling, form, parameters: [], body: { kind: "constant", value: 0, span }, span };
  }

  variable(datum: Datum): Variable {
    if (!isSymbol(datum)) this.fail("a variable's name must be a symbol", datum);
    return { spelling: datum.name, input: false, span: datum.span };
  }

  temporary(span: Span): Variable {
    return { spelling: "t", input: false, span };
  }

  isLambda(datum: Datum, scope: Scope): datum is List {
    return isForm(datum, "lambda") && !scope.lookUp("lambda");
  }

  /** The parts of `(lambda (x …) body …)`. */
  lambda(datum: List): { parameters: readonly Datum[]; body: Datum[] } {
    const [, parameters, ...body] = datum.items;
    if (parameters?.kind !== "list") this.fail("lambda needs its parameters in a list, as (lambda (x) (* 2 x))", datum);
    if (body.length === 0) this.fail("lambda has no body", datum);
    return { parameters: parameters.items, body };
  }

  /** Reads a function's parameters and body in the scope around it. */
  lambdaBody(f: LocalFunction, parameters: readonly Datum[], body: readonly Datum[], scope: Scope): void {
    f.parameters = parameters.map((parameter) => this.variable(parameter));
    f.body = this.body(body, new Scope(this.names(f.parameters), scope, undefined), f);
  }

  /** A scope with more names, which must differ from one another. */
  extend(scope: Scope, meanings: readonly Meaning[], loop = scope.loop): Scope {
    return new Scope(this.names(meanings), scope, loop);
  }

  private names(meanings: readonly Meaning[]): ReadonlyMap<string, Meaning> {
    const names = new Map<string, Meaning>();
    for (const meaning of meanings) {
      if (names.has(meaning.spelling)) this.fail(`"${meaning.spelling}" is bound twice here`, meaning);
      names.set(meaning.spelling, meaning);
    }
    return names;
  }

  /** Expressions in order, of which the last is the value. */
  body(data: readonly Datum[], scope: Scope, around: { readonly span: Span }): Scoped {
    if (data.length === 0) this.fail("there is no expression here to evaluate", around);
    const expressions = data.map((datum) => this.expression(datum, scope));
    return expressions.reduceRight((body, value) => ({
      kind: "let",
      variable: this.temporary(value.span),
      value,
      body,
      span: value.span,
    }));
  }

  expression(datum: Datum, scope: Scope): Scoped {
    if (datum.kind === "number") return { kind: "constant", value: datum.value, span: datum.span };
    if (datum.kind === "symbol") return this.reference(datum.name, datum.span, scope);
    const [head, ...args] = datum.items;
    if (datum.bracket) return this.primitive("vec", datum.items, datum, scope);
    if (head === undefined) this.fail("an empty list has no value", datum);
    if (head.kind !== "symbol") {
      const what = head.kind === "number" ? `${this.text(head)} is a number` : "this is an expression";
      this.fail(`${what}, not an operation or a function that could be applied`, head);
    }
    const local = scope.lookUp(head.name);
    if (local) {
      if (!isFunction(local)) this.fail(`"${head.name}" is a value, not a function`, head);
      return this.call(local, args, datum, scope);
    }
    if (Object.hasOwn(forms, head.name)) {
      const form: Form = forms[head.name];
      return form(this, datum, args, scope);
    }
    const op = opNamed(head.name);
    if (op) return this.primitive(op, args, datum, scope);
    if (head.name === "define")
      this.fail("define stands at the top level only; let binds names within an expression", datum);
    if (head.name === "lambda")
      this.fail("functions are not values here: bind a lambda to a name by define, let or letrec", datum);
    const outside = this.callElsewhere(head, args, datum, scope);
    if (outside) return outside;
    const names = [...scope.functions(), ...this.known];
    const known = [...names, ...opNames, ...Object.keys(aliases), ...Object.keys(forms), "define"];
    return this.fail(`unknown operation or function "${head.name}"${suggestion(head.name, known)}`, head);
  }

  private text(datum: Datum): string {
    return this.source.text.slice(datum.span.start, datum.span.end);
  }

  private reference(name: string, span: Span, scope: Scope): Scoped {
    const variable = this.resolve(name, span, scope);
    this.used.add(variable);
    return { kind: "variable", variable, span };
  }

  private resolve(name: string, span: Span, scope: Scope): Variable {
    const local = scope.lookUp(name);
    if (local) {
      if (isFunction(local)) this.fail(`"${name}" is a function, not a value: apply it, as (${name} …)`, { span });
      return local;
    }
    if (opNamed(name)) this.fail(`"${name}" is an operation, not a value: apply it, as (${name} …)`, { span });
    if (Object.hasOwn(forms, name) || name === "define" || name === "lambda" || name === "else" || name === "=>")
      this.fail(`"${name}" is a form of the language, not a value`, { span });
    return this.input(name, span);
  }

  /** Variables that have a value taken of them, and those that a derivative names, with where. */
  private readonly used = new Set<Variable>();
  private readonly differentiated: { variable: Variable; span: Span; scope: Scope }[] = [];

  /** The variable that a derivative is taken with respect to: any in scope, or an input. */
  differentiationVariable({ name, span }: { name: string; span: Span }, scope: Scope): Variable {
    const variable = this.resolve(name, span, scope);
    if (variable.input) this.differentiated.push({ variable, span, scope });
    return variable;
  }

  /**
   * What can be checked once the whole text is read.
   * @throws SourceError at the first call with the wrong number of arguments, or derivative with respect to a name that
   * nothing else is said of.
   */
  checkUses(): void {
    this.checkCalls();
    for (const { variable, span, scope } of this.differentiated) {
      if (this.used.has(variable)) continue;
      const names = [...scope.variables(), ...[...this.used].filter((used) => used.input).map((used) => used.spelling)];
      const { spelling } = variable;
      this.fail(`"${spelling}" is no variable here, nor an input of the program${suggestion(spelling, names)}`, {
        span,
      });
    }
  }

  private input(name: string, span: Span): Variable {
    let variable = this.inputs.get(name);
    if (!variable) {
      variable = { spelling: name, input: true, span };
      this.inputs.set(name, variable);
    } else if (span.start < variable.span.start) {
      (variable as { span: Span }).span = span;
    }
    return variable;
  }

  /** A call can stand before its function's parameters are known, so arities are checked when the whole text is read. */
  private readonly calls: { callee: LocalFunction; count: number; datum: Datum }[] = [];

  call(callee: LocalFunction, args: readonly Datum[], datum: Datum, scope: Scope): Scoped {
    this.calls.push({ callee, count: args.length, datum });
    return { kind: "call", callee, args: args.map((arg) => this.expression(arg, scope)), span: datum.span };
  }

  /** A call of a function that is known to be elsewhere. What stands in its place is a value like any other. */
  callElsewhere(
    { name, span }: { name: string; span: Span },
    args: readonly Datum[],
    datum: Datum,
    scope: Scope,
  ): Scoped | undefined {
    if (!this.known.has(name)) return undefined;
    if (!this.elsewhere.has(name)) this.elsewhere.set(name, span);
    for (const arg of args) this.expression(arg, scope);
    return { kind: "constant", value: 0, span: datum.span };
  }

  private checkCalls(): void {
    for (const { callee, count, datum } of this.calls) {
      const wanted = callee.parameters.length;
      if (wanted === count) continue;
      const name = callee.form === "loop" ? "recur" : callee.spelling;
      this.fail(`"${name}" takes ${plural(wanted, "argument")}, not ${count}`, datum);
    }
  }

  /** An operation applied to any number of arguments that its row allows, in terms of the operation itself. */
  primitive(op: OpName, data: readonly Datum[], datum: Datum, scope: Scope): Scoped {
    const [fewest, most] = specOf(op).arity;
    if (data.length < fewest || data.length > most) {
      const wanted =
        fewest === most
          ? plural(fewest, "argument")
          : most === Number.POSITIVE_INFINITY
            ? `at least ${plural(fewest, "argument")}`
            : `${fewest} ${most === fewest + 1 ? "or" : "to"} ${plural(most, "argument")}`;
      this.fail(`"${op}" takes ${wanted}, not ${data.length}`, datum);
    }
    const args = data.map((arg) => this.expression(arg, scope));
    return this.spread(op, args, datum.span);
  }

  private spread(op: OpName, args: readonly Scoped[], span: Span): Scoped {
    const constant = (value: number): Scoped => ({ kind: "constant", value, span });
    const apply = (name: OpName, operands: readonly Scoped[]): Scoped => ({
      kind: "primitive",
      op: name,
      args: operands,
      span,
    });
    if (op === "log" && args.length === 2) return apply("/", [apply("log", [args[0]]), apply("log", [args[1]])]);
    if (op === "atan" && args.length === 2) return apply("atan2", args);
    const { spread } = specOf(op);
    if (spread === undefined || spread.kind === "list") return apply(op, args);
    if (spread.kind === "fold") {
      if (args.length === 0) return constant(spread.identity ?? 0);
      if (args.length === 1) return spread.single ? apply(spread.single, args) : args[0];
      return apply(op, args);
    }
    if (spread.kind === "inverse") {
      if (args.length > 1) return apply(op, args);
      return op === "-" ? apply("*", [constant(-1), args[0]]) : apply(op, [constant(1), args[0]]);
    }
    if (args.length === 2) return apply(op, args);
    // Each argument of a chain is evaluated once, whatever the outcome of the earlier comparisons.
    const names = args.map((arg) => this.temporary(arg.span));
    const use = (i: number): Scoped => ({ kind: "variable", variable: names[i], span: args[i].span });
    const links = args.slice(1).map((_, i) => apply(op, [use(i), use(i + 1)]));
    const all = links.length === 0 ? constant(1) : links.length === 1 ? links[0] : apply("*", links);
    return args.reduceRight((body, value, i) => ({ kind: "let", variable: names[i], value, body, span }), all);
  }
}
