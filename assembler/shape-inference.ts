import {
  type AnfProgram,
  type Atom,
  type Block,
  type Computation,
  checkNames,
  describeShape,
  type Shape,
  SoftmachineError,
  SourceError,
  type Span,
  sizeOf,
  specOf,
  type Tail,
} from "../scheme/index.js";

/** What a function, or the program's body, computes with. */
export interface FunctionShapes {
  readonly parameters: readonly Shape[];
  readonly result: Shape;
  /** The shape of each variable that is an array; the others are numbers. */
  readonly arrays: ReadonlyMap<string, Shape>;
  /** The arrays that are read at a computed index. */
  readonly indexed: ReadonlySet<string>;
}

/** A program whose functions each have one shape for each parameter, and the shapes by function; the body's by undefined. */
export interface ShapedProgram {
  readonly program: AnfProgram;
  readonly shapes: ReadonlyMap<string | undefined, FunctionShapes>;
}

/** The most elements of an input: more than any machine has cells. */
const mostElements = 65536;

/** A shape, or that it depends on the result of a call that is not known yet. */
type Inferred = Shape | undefined;

/** One function for one list of parameter shapes. */
interface Instance {
  readonly name: string | undefined;
  /** The function of the program that it is. */
  readonly of: string | undefined;
  readonly parameters: readonly Shape[];
  result: Inferred;
  /** Variables that are not numbers, or not known to be. */
  variables: Map<string, Inferred>;
  indexed: Set<string>;
  body: Block;
}

const number: Shape = [];
const allKnown = (shapes: readonly Inferred[]): shapes is readonly Shape[] => !shapes.includes(undefined);
const same = (a: Shape, b: Shape): boolean => a.length === b.length && a.every((size, i) => size === b[i]);

/**
 * Infers the shapes of a program's variables from those of its inputs. A function called with arguments of several shapes
 * becomes one function for each.
 *
 * @param inputs shapes of the inputs that are arrays.
 * @throws SourceError where shapes do not fit; SoftmachineError for a shape that no input can have.
 */
export function inferShapes(program: AnfProgram, inputs: Readonly<Record<string, Shape>> = {}): ShapedProgram {
  checkNames(program.inputs, [
    ...Object.keys(inputs),
    ...program.inputs.filter((name) => !Object.hasOwn(inputs, name)),
  ]);
  for (const [name, shape] of Object.entries(inputs)) {
    if (shape.length <= 2 && shape.every((size) => Number.isInteger(size) && size > 0) && sizeOf(shape) <= mostElements)
      continue;
    const wanted = `[] for a number, [length] for a vector or [rows, columns] for a matrix, of at most ${mostElements} numbers`;
    throw new SoftmachineError(`the shape of input "${name}" must be ${wanted}; not [${shape.join(", ")}]`);
  }
  return new ShapeInference(program, inputs).run();
}

class ShapeInference {
  private readonly instances = new Map<string, Instance>();
  private readonly names = new Set<string>();
  private visited = new Set<Instance>();
  private changed = false;
  /** Whether what is not known by now is taken for a number: it comes of calls that never return. */
  private settled = false;
  /** The function at hand. */
  private current: Instance;
  private loops = new Map<string, readonly string[]>();

  constructor(
    private readonly program: AnfProgram,
    inputs: Readonly<Record<string, Shape>>,
  ) {
    const parameters = program.inputs.map((name) => (Object.hasOwn(inputs, name) ? inputs[name] : number));
    this.current = this.instance(undefined, parameters, program.body);
  }

  run(): ShapedProgram {
    const body = this.current;
    // Results of recursive functions are found from the paths that do not recur; each pass knows more of them.
    while (!this.settled) {
      this.settled = !this.changed && this.visited.size > 0;
      this.changed = false;
      this.visited = new Set();
      this.visit(body, this.program.inputs, this.program.body);
    }
    const shapes = new Map<string | undefined, FunctionShapes>();
    const functions = new Map<string, NonNullable<ReturnType<AnfProgram["functions"]["get"]>>>();
    const instances = [...this.instances.values()];
    for (const f of this.program.functions.values()) {
      for (const { name, of, body: block } of instances) {
        if (name !== undefined && of === f.name) functions.set(name, { ...f, name, body: block });
      }
    }
    for (const { name, parameters, result = number, variables, indexed } of [...instances, body]) {
      const arrays = new Map([...variables].map(([variable, shape]) => [variable, shape ?? number]));
      shapes.set(name, { parameters, result, arrays, indexed });
    }
    return { program: { ...this.program, functions, body: body.body }, shapes };
  }

  private instance(of: string | undefined, parameters: readonly Shape[], body: Block): Instance {
    const name = of === undefined ? undefined : this.fresh(of);
    return { name, of, parameters, result: undefined, variables: new Map(), indexed: new Set(), body };
  }

  private visit(instance: Instance, parameters: readonly string[], block: Block): void {
    if (this.visited.has(instance)) return;
    this.visited.add(instance);
    const [outer, outerLoops] = [this.current, this.loops];
    this.current = instance;
    this.loops = new Map();
    instance.variables = new Map();
    instance.indexed = new Set();
    parameters.forEach((name, i) => {
      this.define(name, instance.parameters[i]);
    });
    const { result, block: body } = this.block(block);
    instance.body = body;
    if (instance.result === undefined && result !== undefined) {
      instance.result = result;
      this.changed = true;
    }
    this.current = outer;
    this.loops = outerLoops;
  }

  private define(name: string, shape: Inferred): void {
    const known = shape ?? (this.settled ? number : undefined);
    if (known === undefined || known.length > 0) this.current.variables.set(name, known);
  }

  private fail(what: string, span: Span): never {
    throw new SourceError(what, this.program.source, span);
  }

  private shapeOf(atom: Atom): Inferred {
    const { variables } = this.current;
    return atom.kind === "variable" && variables.has(atom.name) ? variables.get(atom.name) : number;
  }

  private block(block: Block): { result: Inferred; block: Block } {
    const bindings = block.bindings.map(({ name, value }) => {
      const inferred = this.computation(value);
      this.define(name, inferred.result);
      return { name, value: inferred.computation };
    });
    const { result, computation: tail } = this.tail(block.tail);
    return { result, block: { bindings, tail } };
  }

  private computation(value: Computation): { result: Inferred; computation: Computation } {
    switch (value.kind) {
      case "primitive": {
        const { op, args, span } = value;
        const shapes = args.map((arg) => this.shapeOf(arg));
        if (!allKnown(shapes)) return { result: undefined, computation: value };
        const shape = specOf(op).shape(
          shapes,
          args.map((arg) => (arg.kind === "constant" ? arg.value : undefined)),
        );
        if (typeof shape === "string") this.fail(`"${op}": ${shape}`, span);
        const [array, index] = args;
        if ((op === "ref" || op === "update") && array.kind === "variable" && index.kind === "variable")
          this.current.indexed.add(array.name);
        return { result: shape, computation: value };
      }
      case "call":
        return this.call(value);
      case "if":
        return this.branch(value);
      case "loop":
        return this.loop(value);
      default:
        return { result: number, computation: value };
    }
  }

  private tail(tail: Tail): { result: Inferred; computation: Tail } {
    switch (tail.kind) {
      case "return":
        return { result: this.shapeOf(tail.value), computation: tail };
      case "recur": {
        const variables = this.loops.get(tail.label) ?? [];
        tail.args.forEach((arg, i) => {
          const [before, after] = [
            this.shapeOf({ kind: "variable", name: variables[i], span: arg.span }),
            this.shapeOf(arg),
          ];
          if (before === undefined || after === undefined || same(before, after)) return;
          this.fail(
            `a loop's variable is ${describeShape(before)} at first and ${describeShape(after)} here`,
            arg.span,
          );
        });
        return { result: undefined, computation: tail };
      }
      case "call":
        return this.call(tail);
      case "if":
        return this.branch(tail);
      case "loop":
        return this.loop(tail);
    }
  }

  private call<C extends Extract<Tail, { kind: "call" }>>(call: C): { result: Inferred; computation: C } {
    const f = this.program.functions.get(call.callee);
    if (f === undefined) return { result: undefined, computation: call };
    const parameters = call.args.map((arg) => this.shapeOf(arg));
    if (!allKnown(parameters)) return { result: undefined, computation: call };
    const key = [f.name, ...parameters.map((shape) => `[${shape}]`)].join(" ");
    let instance = this.instances.get(key);
    if (instance === undefined) {
      instance = this.instance(f.name, parameters, f.body);
      this.instances.set(key, instance);
    }
    this.visit(instance, f.parameters, f.body);
    const callee = instance.name ?? call.callee;
    return { result: instance.result, computation: callee === call.callee ? call : { ...call, callee } };
  }

  private fresh(name: string): string {
    const taken = (candidate: string) =>
      this.names.has(candidate) || (candidate !== name && this.program.functions.has(candidate));
    let fresh = name;
    for (let i = 2; taken(fresh); i++) fresh = `${name}.${i}`;
    this.names.add(fresh);
    return fresh;
  }

  private branch<C extends Extract<Tail, { kind: "if" }>>(branch: C): { result: Inferred; computation: C } {
    const { test, span } = branch;
    const tested = this.shapeOf(test);
    if (tested !== undefined && tested.length > 0)
      this.fail(`a test must be a number, not ${describeShape(tested)}`, test.span);
    const { result: yes, block: consequent } = this.block(branch.consequent);
    const { result: no, block: alternative } = this.block(branch.alternative);
    if (yes !== undefined && no !== undefined && !same(yes, no))
      this.fail(`the branches differ in shape: ${describeShape(yes)} and ${describeShape(no)}`, span);
    return { result: yes ?? no, computation: { ...branch, consequent, alternative } };
  }

  private loop<C extends Extract<Tail, { kind: "loop" }>>(loop: C): { result: Inferred; computation: C } {
    loop.variables.forEach((name, i) => {
      this.define(name, this.shapeOf(loop.initial[i]));
    });
    this.loops.set(loop.label, loop.variables);
    const { result, block: body } = this.block(loop.body);
    return { result, computation: { ...loop, body } };
  }
}
