import { suggestion } from "./errors.js";
import type { Expander, Scope } from "./expand.js";
import { type Datum, isSymbol, type List } from "./reader.js";
import type { LocalFunction, Scoped, Variable } from "./scoped.js";
import type { Span } from "./source.js";

/** Expands one form. `args` are the items after its name. */
export type Form = (expander: Expander, form: List, args: readonly Datum[], scope: Scope) => Scoped;

const constant = (value: number, span: Span): Scoped => ({ kind: "constant", value, span });
const use = (variable: Variable, span: Span): Scoped => ({ kind: "variable", variable, span });

/** `(name value)` pairs, in parentheses or brackets. */
function bindings(
  x: Expander,
  datum: Datum | undefined,
  form: List,
  example: string,
): { name: Datum; rest: readonly Datum[] }[] {
  if (datum?.kind !== "list") x.fail(`its bindings must be a list, as in ${example}`, datum ?? form);
  return datum.items.map((item) => {
    if (item.kind !== "list" || item.items.length === 0)
      x.fail(`a binding has the form (name value), as in ${example}`, item);
    const [name, ...rest] = item.items;
    return { name, rest };
  });
}

function single(x: Expander, binding: { name: Datum; rest: readonly Datum[] }, example: string): Datum {
  if (binding.rest.length !== 1) x.fail(`a binding has one name and one value, as in ${example}`, binding.name);
  return binding.rest[0];
}

interface Bound {
  readonly meaning: Variable | LocalFunction;
  /** Wraps the body in which the name is seen. */
  readonly wrap: (body: Scoped) => Scoped;
}

/** One binding of `let` or `let*`: a value, or a function when a lambda is bound. */
function bind(x: Expander, name: Datum, value: Datum, scope: Scope): Bound {
  const variable = x.variable(name);
  const { span } = variable;
  if (x.isLambda(value, scope)) {
    const f = x.localFunction(variable.spelling, "let", span);
    const { parameters, body } = x.lambda(value);
    x.lambdaBody(f, parameters, body, scope);
    return { meaning: f, wrap: (inner) => ({ kind: "functions", functions: [f], body: inner, span }) };
  }
  const expanded = x.expression(value, scope);
  return { meaning: variable, wrap: (body) => ({ kind: "let", variable, value: expanded, body, span }) };
}

const letExample = "(let ((x 1) (y 2)) (+ x y))";

const letForm: Form = (x: Expander, form, args, scope) => {
  if (isSymbol(args[0])) return namedLet(x, form, args, scope);
  const bound = bindings(x, args[0], form, letExample).map((binding) =>
    bind(x, binding.name, single(x, binding, letExample), scope),
  );
  const inner = x.extend(
    scope,
    bound.map((binding) => binding.meaning),
  );
  return bound.reduceRight((body, binding) => binding.wrap(body), x.body(args.slice(1), inner, form));
};

/** A function that is called once, at its definition, and then only by itself: named let, loop and do. */
function iteration(
  x: Expander,
  f: LocalFunction,
  form: List,
  initial: readonly Datum[],
  variables: readonly Variable[],
  scope: Scope,
  body: (inner: Scope) => Scoped,
): Scoped {
  const args = initial.map((value) => x.expression(value, scope));
  f.parameters = variables;
  const named = f.form === "named let" ? x.extend(scope, [f]) : scope;
  f.body = body(x.extend(named, variables, f.form === "loop" ? f : scope.loop));
  const start: Scoped = { kind: "call", callee: f, args, span: form.span };
  return { kind: "functions", functions: [f], body: start, span: form.span };
}

const namedLet: Form = (x: Expander, form, args, scope) => {
  const example = "(let next ((i 0)) (if (< i 10) (next (+ i 1)) i))";
  const pairs = bindings(x, args[1], form, example);
  const initial = pairs.map((pair) => single(x, pair, example));
  const f = x.localFunction(x.variable(args[0]).spelling, "named let", args[0].span);
  const variables = pairs.map((pair) => x.variable(pair.name));
  return iteration(x, f, form, initial, variables, scope, (inner) => x.body(args.slice(2), inner, form));
};

const letStar: Form = (x: Expander, form, args, scope) => {
  const example = "(let* ((x 1) (y (+ x 1))) (* x y))";
  let inner = scope;
  const bound: Bound[] = [];
  for (const binding of bindings(x, args[0], form, example)) {
    const next = bind(x, binding.name, single(x, binding, example), inner);
    bound.push(next);
    inner = x.extend(inner, [next.meaning]);
  }
  return bound.reduceRight((body, binding) => binding.wrap(body), x.body(args.slice(1), inner, form));
};

const letrec: Form = (x: Expander, form, args, scope) => {
  const example = "(letrec ((f (lambda (n) (if (= n 0) 1 (* n (f (- n 1))))))) (f 5))";
  const pairs = bindings(x, args[0], form, example).map((binding) => {
    const value = single(x, binding, example);
    if (!x.isLambda(value, scope)) x.fail(`letrec binds functions, as in ${example}; let binds values`, value);
    return { f: x.localFunction(x.variable(binding.name).spelling, "let", binding.name.span), ...x.lambda(value) };
  });
  const functions = pairs.map((pair) => pair.f);
  const inner = x.extend(scope, functions);
  for (const { f, parameters, body } of pairs) x.lambdaBody(f, parameters, body, inner);
  return { kind: "functions", functions, body: x.body(args.slice(1), inner, form), span: form.span };
};

const loop: Form = (x: Expander, form, args, scope) => {
  const example = "(loop ((i 0)) (if (< i 10) (recur (+ i 1)) i))";
  const pairs = bindings(x, args[0], form, example);
  const initial = pairs.map((pair) => single(x, pair, example));
  const f = x.localFunction("loop", "loop", form.span);
  const variables = pairs.map((pair) => x.variable(pair.name));
  return iteration(x, f, form, initial, variables, scope, (inner) => x.body(args.slice(1), inner, form));
};

const recur: Form = (x: Expander, form, args, scope) => {
  if (!scope.loop) x.fail("recur stands within a loop only", form);
  return x.call(scope.loop, args, form, scope);
};

const doForm: Form = (x: Expander, form, args, scope) => {
  const example = "(do ((i 0 (+ i 1)) (s 0 (+ s i))) ((= i 10) s))";
  const pairs = bindings(x, args[0], form, example);
  for (const { name, rest } of pairs)
    if (rest.length < 1 || rest.length > 2)
      x.fail(`a variable of do has the form (name start step), as in ${example}`, name);
  const exit = args[1];
  if (exit?.kind !== "list" || exit.items.length === 0)
    x.fail(`do needs a test to end by, as in ${example}`, exit ?? form);
  const f = x.localFunction("do", "do", form.span);
  const variables = pairs.map((pair) => x.variable(pair.name));
  const initial = pairs.map((pair) => pair.rest[0]);
  return iteration(x, f, form, initial, variables, scope, (inner) => {
    const test = x.expression(exit.items[0], inner);
    const result = exit.items.length > 1 ? x.body(exit.items.slice(1), inner, exit) : constant(0, exit.span);
    const steps = pairs.map(({ rest, name }, i) =>
      rest.length > 1 ? x.expression(rest[1], inner) : use(variables[i], name.span),
    );
    const again: Scoped = { kind: "call", callee: f, args: steps, span: form.span };
    const body = args
      .slice(2)
      .map((datum) => x.expression(datum, inner))
      .reduceRight<Scoped>((rest, value) => sequence(x, value, rest), again);
    return { kind: "if", test, consequent: result, alternative: body, span: form.span };
  });
};

function sequence(x: Expander, value: Scoped, body: Scoped): Scoped {
  return { kind: "let", variable: x.temporary(value.span), value, body, span: value.span };
}

const ifForm: Form = (x: Expander, form, args, scope) => {
  if (args.length < 2 || args.length > 3) x.fail("if takes a test and one or two branches", form);
  const [test, consequent, alternative] = args.map((arg) => x.expression(arg, scope));
  return { kind: "if", test, consequent, alternative: alternative ?? constant(0, form.span), span: form.span };
};

const conditional =
  (wanted: boolean): Form =>
  (x: Expander, form, args, scope) => {
    if (args.length < 2) x.fail(`${wanted ? "when" : "unless"} takes a test and at least one expression`, form);
    const { span } = form;
    const test = x.expression(args[0], scope);
    const body = x.body(args.slice(1), scope, form);
    const nothing = constant(0, span);
    return { kind: "if", test, consequent: wanted ? body : nothing, alternative: wanted ? nothing : body, span };
  };

const isElse = (datum: Datum | undefined, scope: Scope) => isSymbol(datum, "else") && !scope.lookUp("else");

/** A clause's parts; an `else` must be the last. */
function clause(x: Expander, clauses: readonly Datum[], i: number, scope: Scope): List {
  const datum = clauses[i];
  if (datum.kind !== "list" || datum.items.length === 0) x.fail("a clause has the form (test expression …)", datum);
  if (isElse(datum.items[0], scope) && i < clauses.length - 1) x.fail("else must be the last clause", datum);
  const arrow = datum.items.find((item) => isSymbol(item, "=>") && !scope.lookUp("=>"));
  if (arrow) x.fail("=> needs functions as values, which the language does not have", arrow);
  return datum;
}

const cond: Form = (x: Expander, form, args, scope) => {
  if (args.length === 0) x.fail("cond needs at least one clause", form);
  return args.reduceRight<Scoped>(
    (rest, _, i) => {
      const { items, span } = clause(x, args, i, scope);
      const body = items.slice(1);
      if (isElse(items[0], scope)) return x.body(body, scope, args[i]);
      const test = x.expression(items[0], scope);
      if (body.length > 0)
        return { kind: "if", test, consequent: x.body(body, scope, args[i]), alternative: rest, span };
      return either(x, test, rest, span);
    },
    constant(0, form.span),
  );
};

/** The first value unless it is false, then the second. */
function either(x: Expander, first: Scoped, second: Scoped, span: Span): Scoped {
  const variable = x.temporary(span);
  const again = use(variable, span);
  const choice: Scoped = { kind: "if", test: again, consequent: again, alternative: second, span };
  return { kind: "let", variable, value: first, body: choice, span };
}

const caseForm: Form = (x: Expander, form, args, scope) => {
  if (args.length < 2) x.fail("case takes a key and at least one clause, as (case n ((1 2) 10) (else 0))", form);
  const key = x.temporary(args[0].span);
  const clauses = args.slice(1);
  const chosen = clauses.reduceRight<Scoped>(
    (rest, _, i) => {
      const { items, span } = clause(x, clauses, i, scope);
      const body = x.body(items.slice(1), scope, clauses[i]);
      if (isElse(items[0], scope)) return body;
      if (items[0].kind !== "list")
        x.fail("the values of a case clause must be a list of numbers, as ((1 2) 10)", items[0]);
      const tests = items[0].items.map((item): Scoped => {
        if (item.kind !== "number") x.fail("case compares with numbers only", item);
        const operands = [use(key, args[0].span), constant(item.value, item.span)];
        return { kind: "primitive", op: "=", args: operands, span: item.span };
      });
      if (tests.length === 0) return rest;
      const test = tests.reduceRight((other, first) => either(x, first, other, span));
      return { kind: "if", test, consequent: body, alternative: rest, span };
    },
    constant(0, form.span),
  );
  return { kind: "let", variable: key, value: x.expression(args[0], scope), body: chosen, span: form.span };
};

const begin: Form = (x: Expander, form, args, scope) => x.body(args, scope, form);

const and: Form = (x: Expander, form, args, scope) => {
  if (args.length === 0) return constant(1, form.span);
  return args
    .map((arg) => x.expression(arg, scope))
    .reduceRight((rest, test) => ({
      kind: "if",
      test,
      consequent: rest,
      alternative: constant(0, form.span),
      span: form.span,
    }));
};

const or: Form = (x: Expander, form, args, scope) => {
  if (args.length === 0) return constant(0, form.span);
  return args.map((arg) => x.expression(arg, scope)).reduceRight((rest, first) => either(x, first, rest, form.span));
};

const callForm: Form = (x: Expander, form, args, scope) => {
  const [name, ...rest] = args;
  if (!isSymbol(name)) x.fail("call takes a function's name and its arguments, as (call f 1 2)", name ?? form);
  const callee = scope.lookUp(name.name);
  if (!callee || !("body" in callee)) {
    const outside = callee ? undefined : x.callElsewhere(name, rest, form, scope);
    if (outside) return outside;
    const near = suggestion(name.name, [...scope.functions(), ...x.known]);
    x.fail(`"${name.name}" is not a function defined here${near}`, name);
  }
  return x.call(callee, rest, form, scope);
};

const derivative: Form = (x: Expander, form, args, scope) => {
  const example = "(derivative (* x x) x)";
  if (args.length !== 2) x.fail(`derivative takes an expression and a variable, as ${example}`, form);
  const [body, variable] = args;
  if (!isSymbol(variable)) x.fail(`derivative takes a variable's name after the expression, as ${example}`, variable);
  return {
    kind: "derivative",
    variable: x.differentiationVariable(variable, scope),
    at: variable.span,
    body: x.expression(body, scope),
    span: form.span,
  };
};

const stray =
  (what: string): Form =>
  (x, form) =>
    x.fail(what, form);

/** The forms of the language, each by the name that it starts with. */
export const forms: Readonly<Record<string, Form>> = {
  let: letForm,
  "let*": letStar,
  letrec,
  "letrec*": letrec,
  loop,
  recur,
  do: doForm,
  if: ifForm,
  cond,
  case: caseForm,
  when: conditional(true),
  unless: conditional(false),
  begin,
  and,
  or,
  call: callForm,
  derivative,
  else: stray("else stands as the last clause of cond or case only"),
};
