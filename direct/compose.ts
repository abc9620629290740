import {
  aNormalForm,
  type CoreProgram,
  checkNames,
  type Expression,
  type FunctionDefinition,
  JoinedSource,
  printNumber,
  SoftmachineError,
  type Span,
  withinStack,
} from "../scheme/index.js";
import { shapedGraph } from "./anf-to-graph.js";
import type { Compiled, DirectModule } from "./module.js";
import { prune } from "./prune.js";

/**
 * Puts modules' values in place of a module's inputs: `compose(f, { x: g })` computes f(g(…), …). It is one program, so
 * nothing is lost between the parts and derivatives go through. Inputs of one name, of `f` and of the parts, are one input;
 * an input that a part replaces may be that part's own input too.
 *
 * @throws SoftmachineError for an input that `f` has not, for parts of another dtype or domain, for parameters that differ in
 * value, and for derivatives (what `partial` gives), which are no programs of the language.
 */
export function compose(f: DirectModule, parts: Readonly<Record<string, DirectModule>>): DirectModule {
  return f.compose(parts);
}

/** What a composition is made from. */
export function composePrograms(f: Compiled, parts: Readonly<Record<string, Compiled>>): Compiled {
  const replaced = Object.keys(parts);
  checkNames(f.core.inputs, [...f.core.inputs, ...replaced.filter((name) => !f.core.inputs.includes(name))]);
  const { arithmetic } = f.graph;
  const parameters: Record<string, number> = Object.fromEntries(
    Object.entries(f.parameters).filter(([name]) => !replaced.includes(name)),
  );
  for (const [name, part] of Object.entries(parts)) {
    for (const key of ["dtype", "domain"] as const)
      if (part.graph.arithmetic[key] !== arithmetic[key])
        throw new SoftmachineError(
          `the module for "${name}" has ${key} ${part.graph.arithmetic[key]}, the one it goes into ${arithmetic[key]}`,
        );
    for (const [parameter, value] of Object.entries(part.parameters)) {
      const other = Object.hasOwn(parameters, parameter) ? parameters[parameter] : value;
      if (!Object.is(other, value))
        throw new SoftmachineError(
          `parameter "${parameter}" is ${printNumber(other)} in one module and ${printNumber(value)} in another`,
        );
      parameters[parameter] = value;
    }
  }
  const derivative = [f, ...Object.values(parts)].find(({ definition }) => "derivative" in definition);
  if (derivative)
    throw new SoftmachineError("a derivative can't be composed; compose the programs, then differentiate");
  const core = composeCore(f.core, new Map(Object.entries(parts).map(([name, part]) => [name, part.core])));
  const anf = aNormalForm(core);
  const known = new Map(
    [f, ...Object.values(parts)].flatMap((one) => one.core.inputs.map((name, i) => [name, one.shapes[i]])),
  );
  const shapes = core.inputs.map((name) => known.get(name) ?? []);
  const { graph, shape } = withinStack(core.source, () => shapedGraph(anf, arithmetic, shapes));
  const definition = {
    compose: f.definition,
    parts: Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, part.definition])),
  };
  return { core, anf, arithmetic, shapes, shape, graph: prune(graph), parameters, budget: f.budget, definition };
}

/** The program `(let ((x part) …) f)`, its names kept apart. */
function composeCore(f: CoreProgram, parts: ReadonlyMap<string, CoreProgram>): CoreProgram {
  const inputs = [...new Set(f.inputs.flatMap((name) => parts.get(name)?.inputs ?? [name]))];
  const sources = [...parts.values(), f].map(({ source }) => source);
  const source = new JoinedSource(sources);
  const taken = new Set(inputs);
  const functions = new Map<string, FunctionDefinition<Expression>>();
  const add = (program: CoreProgram, offset: number, known: ReadonlyMap<string, string>): Expression =>
    withinStack(source, () => {
      const renaming = new Renaming(program, taken, offset);
      for (const definition of renaming.functions()) functions.set(definition.name, definition);
      return renaming.expression(program.body, renaming.locals(program.body, known));
    });
  const values = [...parts].map(([name, program], i) => ({ name, value: add(program, source.offsets[i], new Map()) }));
  const bound = values.map(({ name, value }) => ({ name, local: fresh(name, taken), value }));
  const body = add(f, source.offsets[parts.size], new Map(bound.map(({ name, local }) => [name, local])));
  return {
    source,
    functions,
    inputs,
    body: bound.reduceRight<Expression>(
      (rest, { local, value }) => ({ kind: "let", name: local, value, body: rest, span: value.span }),
      body,
    ),
  };
}

/** A name like this one that is not taken; then it is. */
function fresh(name: string, taken: Set<string>): string {
  let candidate = name;
  for (let i = 1; taken.has(candidate); i++) candidate = `${name}.${i}`;
  taken.add(candidate);
  return candidate;
}

/** Writes a program again beside others, in a text that theirs stands before. */
class Renaming {
  private readonly program: CoreProgram;
  private readonly taken: Set<string>;
  private readonly offset: number;
  /** New names of functions and of loops' labels. */
  private readonly others = new Map<string, string>();

  constructor(program: CoreProgram, taken: Set<string>, offset: number) {
    this.program = program;
    this.taken = taken;
    this.offset = offset;
    for (const name of program.functions.keys()) this.others.set(`function ${name}`, fresh(name, taken));
  }

  functions(): FunctionDefinition<Expression>[] {
    return [...this.program.functions.values()].map((f) => {
      const names = new Map(f.parameters.map((name) => [name, fresh(name, this.taken)]));
      return {
        name: this.other("function", f.name),
        parameters: f.parameters.map((name) => names.get(name) ?? name),
        body: this.expression(f.body, this.locals(f.body, names)),
        span: this.span(f.span),
      };
    });
  }

  /** New names of what an expression binds, beside those that are known. */
  locals(expression: Expression, known: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
    const names = new Map(known);
    const visit = (node: Expression): void => {
      if (node.kind === "let") names.set(node.name, fresh(node.name, this.taken));
      if (node.kind === "derivative") names.set(node.variable, fresh(node.variable, this.taken));
      if (node.kind === "loop") {
        this.others.set(`loop ${node.label}`, fresh(node.label, this.taken));
        for (const name of node.variables) names.set(name, fresh(name, this.taken));
      }
      for (const child of childrenOf(node)) visit(child);
    };
    visit(expression);
    return names;
  }

  expression(node: Expression, names: ReadonlyMap<string, string>): Expression {
    const of = (child: Expression) => this.expression(child, names);
    const named = (name: string) => names.get(name) ?? name;
    const span = this.span(node.span);
    switch (node.kind) {
      case "constant":
        return { ...node, span };
      case "variable":
        return { ...node, name: named(node.name), span };
      case "primitive":
        return { ...node, args: node.args.map(of), span };
      case "call":
        return { ...node, callee: this.other("function", node.callee), args: node.args.map(of), span };
      case "if":
        return {
          ...node,
          test: of(node.test),
          consequent: of(node.consequent),
          alternative: of(node.alternative),
          span,
        };
      case "let":
        return { ...node, name: named(node.name), value: of(node.value), body: of(node.body), span };
      case "derivative": {
        const at = { ...node.at, name: named(node.at.name), span: this.span(node.at.span) };
        return { ...node, variable: named(node.variable), at, body: of(node.body), span };
      }
      case "loop":
        return {
          ...node,
          label: this.other("loop", node.label),
          variables: node.variables.map(named),
          initial: node.initial.map(of),
          body: of(node.body),
          span,
        };
      case "recur":
        return { ...node, label: this.other("loop", node.label), args: node.args.map(of), span };
    }
  }

  private other(kind: "function" | "loop", name: string): string {
    return this.others.get(`${kind} ${name}`) ?? name;
  }

  private span({ start, end }: Span): Span {
    return { start: start + this.offset, end: end + this.offset };
  }
}

function childrenOf(node: Expression): readonly Expression[] {
  switch (node.kind) {
    case "constant":
    case "variable":
      return [];
    case "primitive":
    case "call":
    case "recur":
      return node.args;
    case "if":
      return [node.test, node.consequent, node.alternative];
    case "let":
      return [node.value, node.body];
    case "derivative":
      return [node.at, node.body];
    case "loop":
      return [...node.initial, node.body];
  }
}
