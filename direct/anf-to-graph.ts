import {
  type AnfProgram,
  type Atom,
  type Block,
  type Computation,
  derivativeShape,
  describeShape,
  type FunctionDefinition,
  isScalarOp,
  type Shape,
  SourceError,
  type Span,
  sizeOf,
  specOf,
  type Tail,
} from "../scheme/index.js";
import { arrayLowering } from "./array-lowering.js";
import { piecesOf } from "./branch-rows.js";
import { GraphContext, RegionBuilder } from "./builder.js";
import { recursiveFunctions, usesArrays } from "./call-graph.js";
import {
  again,
  branchOf,
  type Chain,
  type Ending,
  endingOf,
  type Fail,
  leave,
  number,
  widthOfShapes,
  zeros,
} from "./endings.js";
import type { Arithmetic, Graph, Region } from "./graph.js";
import { calleesOf, regionSlopes } from "./region-slopes.js";
import { divide, elementNames, type Shaped, sameShape } from "./shaped-values.js";

type AnfFunction = FunctionDefinition<Block>;
type Environment = Map<string, Shaped>;

/** A function for arguments of certain shapes. */
interface Specialisation {
  readonly key: string;
  readonly definition: AnfFunction;
  readonly shapes: readonly Shape[];
}

/** Past this many values, or this deep in one another, functions are called rather than written in place. */
const inlineLimit = 50_000;
const inlineDepth = 100;

/** Thrown where a value's shape depends on one not known: of a recursive call whose shape is being found, or an input. */
class Unresolved extends Error {}

/**
 * A-normal form to the graph: one node for each operation on numbers, shared where equal, folded where constant. Vectors
 * and matrices are their elements; their shapes are known here.
 */
class GraphBuilding {
  private readonly program: AnfProgram;
  private readonly context: GraphContext;
  private readonly recursive: ReadonlySet<string>;
  private readonly functions = new Map<string, Region>();
  private readonly pending = new Map<string, Specialisation>();
  /** Functions whose regions are being made, each with its name in the program. */
  private readonly underWay = new Map<string, string>();
  /** Shapes of what specialised functions give; undefined where the program has numbers only. */
  private readonly results: Map<string, Shape> | undefined;
  /** Functions whose result's shape is being found, by a building that comes to nothing else. */
  private readonly open: Set<string>;
  /** Whether some inputs' shapes are not known: then nothing but faults comes of the building. */
  private readonly isPartial: boolean;
  private depth = 0;

  constructor(
    program: AnfProgram,
    arithmetic: Arithmetic,
    recursive: ReadonlySet<string>,
    results: Map<string, Shape> | undefined,
    open: Set<string>,
    isPartial = false,
  ) {
    this.program = program;
    this.context = new GraphContext(arithmetic);
    this.recursive = recursive;
    this.results = results;
    this.open = open;
    this.isPartial = isPartial;
  }

  /** Looks at all that depends on nothing but inputs of known shape. */
  check(shapes: ReadonlyMap<string, Shape>): void {
    const names = this.program.inputs.filter((name) => shapes.has(name));
    const known = names.map((name) => shapes.get(name) ?? []);
    this.known(() => this.functionRegion(names, known, this.program.body, undefined));
  }

  graph(shapes: readonly Shape[]): { graph: Graph; shape: Shape } {
    const { inputs, source } = this.program;
    const { region, shape } = this.functionRegion(inputs, shapes, this.program.body, undefined);
    for (const next of this.pending.values()) this.complete(next);
    const { arithmetic, size } = this.context;
    const names = inputs.flatMap((name, i) => elementNames(name, shapes[i]));
    return { graph: { source, arithmetic, inputs: names, main: region, functions: this.functions, size }, shape };
  }

  private complete({ key, definition, shapes }: Specialisation): void {
    this.pending.delete(key);
    this.underWay.set(key, definition.name);
    const expected = this.results?.get(key) ?? [];
    const made = this.functionRegion(definition.parameters, shapes, definition.body, expected);
    if (!sameShape(made.shape, expected))
      this.fail(
        `the values of "${definition.name}" differ in shape: ${describeShape(expected)} and ${describeShape(made.shape)}`,
        definition.span,
      );
    this.underWay.delete(key);
    this.functions.set(key, made.region);
  }

  /** A function's region. One that never returns gives zeros of the shape expected. */
  private functionRegion(
    names: readonly string[],
    shapes: readonly Shape[],
    body: Block,
    expected: Shape | undefined,
  ): { region: Region; shape: Shape } {
    const builder = new RegionBuilder(this.context);
    const parameters = Array.from({ length: widthOfShapes(shapes) }, () => builder.parameter());
    const values = divide(shapes, parameters);
    const environment: Environment = new Map(names.map((name, i) => [name, values[i]]));
    const { value } = this.block(builder, body, environment, undefined);
    const shape = value?.shape ?? expected ?? [];
    return { region: builder.finish(parameters, value?.elements ?? zeros(builder, sizeOf(shape))), shape };
  }

  private block(builder: RegionBuilder, block: Block, environment: Environment, chain: Chain | undefined): Ending {
    for (const { name, value } of block.bindings) {
      const bind = () => environment.set(name, this.value(builder, value, environment));
      if (this.isPartial) this.known(bind);
      else bind();
    }
    return this.tail(builder, block.tail, environment, chain);
  }

  private atom(builder: RegionBuilder, atom: Atom, environment: Environment): Shaped {
    if (atom.kind === "constant") return number(builder.constant(atom.value));
    const found = environment.get(atom.name);
    if (found !== undefined) return found;
    if (this.isPartial) throw new Unresolved();
    throw new Error(`unbound variable ${atom.name}`);
  }

  private atoms(builder: RegionBuilder, atoms: readonly Atom[], environment: Environment): Shaped[] {
    return atoms.map((atom) => this.atom(builder, atom, environment));
  }

  private value(builder: RegionBuilder, node: Computation, environment: Environment): Shaped {
    if (node.kind === "primitive") return this.primitive(builder, node, this.atoms(builder, node.args, environment));
    if (node.kind === "derivative") return this.derivative(builder, node, environment);
    return this.returned(builder, this.control(builder, node, environment, undefined));
  }

  /** A value that is needed: where control never comes back, any. */
  private returned(builder: RegionBuilder, { value }: Ending): Shaped {
    if (value) return value;
    if (this.open.size > 0 || this.isPartial) throw new Unresolved();
    return number(builder.constant(0));
  }

  /** What can be made of what is known. */
  private known<T>(make: () => T): T | undefined {
    try {
      return make();
    } catch (error) {
      if (error instanceof Unresolved) return undefined;
      throw error;
    }
  }

  private primitive(
    builder: RegionBuilder,
    { op, span }: Extract<Computation, { kind: "primitive" }>,
    args: readonly Shaped[],
  ): Shaped {
    const { shape: rule } = specOf(op);
    if (isScalarOp(op) && args.every((arg) => arg.shape.length === 0)) {
      const ids = args.map((arg) => arg.elements[0]);
      return number(builder.op(op, ids, span));
    }
    const shape = rule(
      args.map((arg) => arg.shape),
      args.map((arg) => (arg.shape.length === 0 ? builder.constantOf(arg.elements[0]) : undefined)),
    );
    if (typeof shape === "string") this.fail(`"${op}": ${shape}`, span);
    const lower = arrayLowering(op);
    if (lower) {
      this.context.origin = { op, span };
      const elements = lower(builder, args, shape, span);
      this.context.origin = undefined;
      return { shape, elements };
    }
    if (!isScalarOp(op)) throw new Error(`${op} has no lowering`);
    const elements = Array.from({ length: sizeOf(shape) }, (_, i) => {
      const ids = args.map((arg) => arg.elements[arg.shape.length === 0 ? 0 : i]);
      return builder.op(op, ids, span);
    });
    return { shape, elements };
  }

  /** The slopes of an expression, which is built with a variable of its own and then differentiated as it stands. */
  private derivative(
    builder: RegionBuilder,
    node: Extract<Computation, { kind: "derivative" }>,
    environment: Environment,
  ): Shaped {
    const inner = builder.inner();
    const at = this.known(() => this.atom(builder, node.at, environment));
    if (!at) {
      this.block(inner, node.body, environment, undefined);
      throw new Unresolved();
    }
    const parameters = at.elements.map(() => inner.parameter());
    environment.set(node.variable, { shape: at.shape, elements: parameters });
    const body = this.returned(inner, this.block(inner, node.body, environment, undefined));
    const shape = derivativeShape(body.shape, at.shape);
    if (typeof shape === "string") this.fail(shape, node.span);
    const main = inner.finish(parameters, body.elements);
    const callees = calleesOf(main.nodes);
    // Where nothing but shapes is wanted, functions are not made.
    if (callees.size > 0 && (this.open.size > 0 || this.isPartial))
      return { shape, elements: Array.from({ length: sizeOf(shape) }, () => builder.parameter()) };
    this.completeAll(callees, node.span);
    const { arithmetic, size } = this.context;
    const { source } = this.program;
    const graph: Graph = { source, arithmetic, inputs: [], main, functions: this.functions, size };
    return { shape, elements: regionSlopes(builder, graph, this.functions, at.elements) };
  }

  /** Makes the functions that some calls reach, for a derivative to go through them. */
  private completeAll(callees: Set<string>, span: Span): void {
    // What is added to a set is visited too.
    for (const key of callees) {
      const name = this.underWay.get(key);
      if (name !== undefined)
        this.fail(
          `this derivative is of a call of "${name}", whose own value takes this derivative: its order has no bound, so it can't be compiled`,
          span,
        );
      const next = this.pending.get(key);
      if (next) this.complete(next);
      for (const further of calleesOf(this.functions.get(key)?.nodes ?? [])) callees.add(further);
    }
  }

  private readonly fail: Fail = (what, span) => {
    throw new SourceError(what, this.program.source, span);
  };

  private tail(builder: RegionBuilder, tail: Tail, environment: Environment, chain: Chain | undefined): Ending {
    switch (tail.kind) {
      case "return":
        return leave(builder, chain, this.atom(builder, tail.value, environment));
      case "recur":
        return {
          state: again(builder, chain, tail, this.atoms(builder, tail.args, environment), this.fail),
          value: undefined,
        };
      case "call":
        return leave(builder, chain, this.value(builder, tail, environment));
      default:
        return this.control(builder, tail, environment, chain);
    }
  }

  private control(
    builder: RegionBuilder,
    node: Exclude<Computation, { kind: "primitive" | "derivative" }>,
    environment: Environment,
    chain: Chain | undefined,
  ): Ending {
    if (node.kind === "if") return this.branch(builder, node, environment, chain);
    if (node.kind === "loop") {
      const initial = this.atoms(builder, node.initial, environment);
      const inner = builder.inner();
      const shapes = initial.map((value) => value.shape);
      const parameters = Array.from({ length: widthOfShapes(shapes) }, () => inner.parameter());
      for (const [i, value] of divide(shapes, parameters).entries()) environment.set(node.variables[i], value);
      const own: Chain = { label: node.label, shapes, width: parameters.length, outer: chain };
      const { state, value } = this.block(inner, node.body, environment, own);
      const start = initial.flatMap(({ elements }) => elements);
      const outputs = builder.loop(start, inner.finish(parameters, [...state, ...(value?.elements ?? [])]));
      return endingOf(outputs, chain, value?.shape);
    }
    return leave(builder, chain, this.call(builder, node.callee, this.atoms(builder, node.args, environment)));
  }

  private branch(
    builder: RegionBuilder,
    node: Extract<Computation, { kind: "if" }>,
    environment: Environment,
    chain: Chain | undefined,
  ): Ending {
    const label = `%rest of ${node.span.start}`;
    const pieces = piecesOf(node, label);
    if (pieces) return this.row(builder, pieces, label, environment, chain);
    const make = () => this.atom(builder, node.test, environment);
    const test = this.isPartial ? (this.known(make) ?? number(builder.parameter())) : make();
    if (test.shape.length > 0) this.fail(`a test must be a number, not ${describeShape(test.shape)}`, node.test.span);
    const known = builder.constantOf(test.elements[0]);
    if (known !== undefined)
      return this.block(builder, known !== 0 ? node.consequent : node.alternative, environment, chain);
    const [first, second] = [node.consequent, node.alternative].map((block) => {
      const inner = builder.inner();
      return { inner, ...this.attempt(inner, block, environment, chain) };
    });
    return branchOf(builder, test.elements[0], [first, second], chain, (what) => this.fail(what, node.span));
  }

  /** A long row of branches, each piece beside the one before rather than in it: it runs if that one was passed by. */
  private row(
    builder: RegionBuilder,
    pieces: readonly Block[],
    label: string,
    environment: Environment,
    chain: Chain | undefined,
  ): Ending {
    const own: Chain = { label, shapes: [], width: 0, outer: chain };
    let ending = this.block(builder, pieces[0], environment, own);
    for (const piece of pieces.slice(1)) {
      const [goesOn] = ending.state;
      const known = builder.constantOf(goesOn);
      if (known === 0) break;
      if (known !== undefined) {
        ending = this.block(builder, piece, environment, own);
        continue;
      }
      const inner = builder.inner();
      const next = { inner, ...this.attempt(inner, piece, environment, own) };
      const taken = { inner: builder.inner(), ...ending };
      ending = branchOf(builder, goesOn, [next, taken], own, (what) => this.fail(what, piece.tail.span));
    }
    return { state: ending.state.slice(1), value: ending.value };
  }

  /** A block, which gives no value where shapes are being found and it needs one that is not known yet. */
  private attempt(builder: RegionBuilder, block: Block, environment: Environment, chain: Chain | undefined): Ending {
    const make = () => this.block(builder, block, environment, chain);
    if (this.open.size === 0 && !this.isPartial) return make();
    return this.known(make) ?? leave(builder, chain, undefined);
  }

  private call(builder: RegionBuilder, callee: string, args: readonly Shaped[]): Shaped {
    const definition = this.program.functions.get(callee);
    if (!definition) throw new Error(`no function ${callee}`);
    const shapes = args.map((arg) => arg.shape);
    const isPlain = shapes.every((shape) => shape.length === 0);
    const key = isPlain ? callee : `${callee} of ${shapes.map(describeShape).join(", ")}`;
    const ids = args.flatMap((arg) => arg.elements);
    return builder.shared(key, ids, () => {
      if (!this.recursive.has(callee) && this.context.size < inlineLimit && this.depth < inlineDepth) {
        const environment: Environment = new Map(definition.parameters.map((name, i) => [name, args[i]]));
        this.depth++;
        const value = this.returned(builder, this.block(builder, definition.body, environment, undefined));
        this.depth--;
        return value;
      }
      const specialisation = { key, definition, shapes };
      const shape = this.results ? this.resultShape(specialisation, this.results) : [];
      if (!this.functions.has(key)) {
        this.functions.set(key, { parameters: [], nodes: [], results: [] });
        this.pending.set(key, specialisation);
      }
      return { shape, elements: builder.call(key, ids, sizeOf(shape)) };
    });
  }

  /** The shape of what a function gives, by building it for that alone; its own calls say nothing of it. */
  private resultShape({ key, definition, shapes }: Specialisation, results: Map<string, Shape>): Shape {
    const known = results.get(key);
    if (known) return known;
    if (this.open.has(key)) throw new Unresolved();
    this.open.add(key);
    let shape: Shape | undefined;
    try {
      const trial = new GraphBuilding(this.program, this.context.arithmetic, this.recursive, results, this.open);
      const make = () => trial.functionRegion(definition.parameters, shapes, definition.body, undefined);
      shape = this.known(make)?.shape;
    } finally {
      this.open.delete(key);
    }
    if (!shape) {
      // What it gives depends on a function around it, or it never returns.
      if (this.open.size > 0) throw new Unresolved();
      shape = [];
    }
    results.set(key, shape);
    return shape;
  }
}

/**
 * A program as a graph for inputs of the given shapes, in the order of `program.inputs`, and the shape of its value. The
 * graph's results are the value's elements.
 * @throws SourceError where shapes don't fit.
 */
export function shapedGraph(
  program: AnfProgram,
  arithmetic: Arithmetic,
  shapes: readonly Shape[],
): { graph: Graph; shape: Shape } {
  const isPlain = shapes.every((shape) => shape.length === 0) && !usesArrays(program);
  const results = isPlain ? undefined : new Map<string, Shape>();
  return new GraphBuilding(program, arithmetic, recursiveFunctions(program), results, new Set()).graph(shapes);
}

/**
 * Checks a program of which not all inputs' shapes are known.
 * @throws SourceError where shapes can't fit, whatever the other inputs are.
 */
export function checkShapes(program: AnfProgram, arithmetic: Arithmetic, shapes: ReadonlyMap<string, Shape>): void {
  const recursive = recursiveFunctions(program);
  new GraphBuilding(program, arithmetic, recursive, new Map(), new Set(), true).check(shapes);
}

/** A program on numbers as a graph. */
export function anfToGraph(program: AnfProgram, arithmetic: Arithmetic): Graph {
  return shapedGraph(
    program,
    arithmetic,
    program.inputs.map(() => []),
  ).graph;
}
