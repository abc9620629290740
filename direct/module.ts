import type * as TensorFlow from "@tensorflow/tfjs";
import {
  type AnfProgram,
  type Budget,
  type CoreProgram,
  checkNames,
  describeShape,
  type Shape,
  SoftmachineError,
  sizeOf,
  withinStack,
} from "../scheme/index.js";
import { tensorFlow } from "../tensor/index.js";
import { BatchRunner, newResults } from "./batch-runner.js";
import { bindInputs } from "./bound-inputs.js";
import { composePrograms } from "./compose.js";
import { type Definition, moduleOf, strictly } from "./definition.js";
import { hessianGraph, jacobianGraph, jvpGraph, vjpGraph } from "./derivative-graphs.js";
import { type BinaryForm, binaryForms, type EmitForm, type EmitOptions, emitForms, emitProgram } from "./emit.js";
import { explainGraph } from "./explain-graph.js";
import type { Explanation, Ranges } from "./explanation.js";
import { type Fit, type FitOptions, fit as leastSquares } from "./fit.js";
import type { FitData } from "./fit-problem.js";
import type { Arithmetic, Graph } from "./graph.js";
import { GraphProgram } from "./graph-program.js";
import { checkRecord, describe } from "./inputs.js";
import { type PreparedBatch, preparedBatch } from "./prepared-batch.js";
import { checkTrainable, type LayerOptions, programLayer } from "./program-layer.js";
import { selectResults } from "./reverse-mode.js";
import { flatten, type GivenValue, givenShape, type NestedNumbers, nest } from "./shaped-values.js";
import { type BatchInputs, hessianRecord, type Inputs, jacobianRecord, Signature, toRows } from "./signature.js";
import { compileSingle, type Floats } from "./slots.js";
import { records } from "./tape.js";
import { applyToTensors } from "./tensors.js";

/** What a module was made from. */
export interface Compiled {
  readonly core: CoreProgram;
  readonly anf: AnfProgram;
  readonly arithmetic: Arithmetic;
  /** Of the inputs, in the order of `core.inputs`, and of the value. */
  readonly shapes: readonly Shape[];
  readonly shape: Shape;
  /** Takes the inputs' numbers one by one. Throws SoftmachineError where that needs shapes that are not declared. */
  readonly graph: Graph;
  readonly parameters: Readonly<Record<string, number>>;
  readonly budget: Budget;
  /** The same for execution alone, where that is another: see `LoopMode`. */
  readonly executed?: Graph;
  /** How the program was made, or the derivative of it that the graph is. */
  readonly definition: Definition;
  readonly undeclared?: Undeclared | undefined;
}

/** What a module does about inputs whose shape is not declared. */
export interface Undeclared {
  readonly names: readonly string[];
  /** Whether the program can't be one on numbers. */
  readonly needsShapes: boolean;
  /** The module for other shapes of some of them; the others are numbers. */
  readonly specialise: (shapes: ReadonlyMap<string, Shape>) => DirectModule;
}

type Run = (...numbers: number[]) => readonly number[];

/**
 * A program as a frozen function with exact derivatives ("The Neural Compiler", 2026): it computes what the source says to
 * floating-point precision, for single inputs, batches and tensors.
 *
 * An input whose shape was not declared is a number in a batch; single runs take arrays too, and are compiled for their
 * shapes when first needed.
 */
export class DirectModule {
  /** The program's free variables, in the order of its text; then declared inputs that it does not use. */
  readonly inputs: readonly string[];
  /** Inputs with a value that stands where none is given. */
  readonly parameters: Readonly<Record<string, number>>;
  readonly dtype: "float64" | "float32";
  private readonly compiled: Compiled;
  private readonly signature: Signature;
  private value: ((...inputs: number[]) => number | readonly number[]) | undefined;
  private batchValue: BatchRunner | undefined;
  private batchValueAndSlopes: BatchRunner | undefined;
  private slopes: Graph | undefined;
  private forwardSlopes: Graph | undefined;
  private strict: DirectModule | undefined;
  private readonly runs = new Map<(graph: Graph) => Graph, Run>();
  private readonly derivatives = new Map<string, DirectModule>();
  /** What runs on tensors, by the inputs that are given. */
  private readonly programs = new Map<string, GraphProgram>();

  constructor(compiled: Compiled) {
    this.compiled = compiled;
    this.inputs = compiled.core.inputs;
    this.parameters = compiled.parameters;
    this.dtype = compiled.arithmetic.dtype;
    this.signature = new Signature(this.inputs, compiled.shapes, compiled.parameters);
  }

  /** The shape of the program's value: [] for a number, [n] for a vector, [rows, columns] for a matrix. */
  get shape(): Shape {
    return this.graph && this.compiled.shape;
  }

  /** The shape of each input. */
  get inputShapes(): Readonly<Record<string, Shape>> {
    return this.graph && this.signature.record((_, shape) => shape);
  }

  /** The program's value as data flow: what runs, and what is differentiated. */
  get graph(): Graph {
    return this.compiled.graph;
  }

  /**
   * The program's value: a number, or arrays of the value's shape.
   * @throws SoftmachineError for missing, extra or unsuitable inputs, SourceError where the shapes of arrays don't fit,
   * DomainError in strict mode and for an index outside an array, BudgetError for a run without end.
   */
  evaluate<Result extends NestedNumbers = number>(inputs: Inputs): Result {
    const module = this.suiting(inputs);
    if (module !== this) return module.evaluate(inputs);
    const row = this.signature.row(inputs);
    this.value ??= this.generate(() => compileSingle(this.executed, this.compiled.budget));
    const value = this.value(...row);
    const numbers = typeof value === "number" ? [value] : value;
    return (this.compiled.shape.length === 0 ? value : nest(this.compiled.shape, numbers)) as Result;
  }

  /** The value, a number, and its slope in each input, of the input's shape. Throws as `evaluate` does. */
  gradient<Slope extends NestedNumbers = number>(inputs: Inputs): { value: number; gradient: Record<string, Slope> } {
    const module = this.suiting(inputs);
    if (module !== this) return module.gradient(inputs);
    this.needNumber("gradient");
    const results = this.runOf(jacobianGraph)(...this.signature.row(inputs));
    const gradient = this.signature.record((offset, shape) => nest(shape, results, 1 + offset) as Slope);
    return { value: results[0], gradient };
  }

  /**
   * The value and, for each input, its Jacobian: the slope of each element of the value in each element of the input, of
   * the value's shape followed by the input's. Throws as `evaluate` does.
   */
  jacobian<Value extends NestedNumbers = NestedNumbers>(
    inputs: Inputs,
  ): { value: Value; jacobian: Record<string, NestedNumbers> } {
    const module = this.suiting(inputs);
    if (module !== this) return module.jacobian(inputs);
    const { shape } = this.compiled;
    const results = this.runOf(jacobianGraph)(...this.signature.row(inputs));
    const jacobian = jacobianRecord(this.signature, shape, results.slice(sizeOf(shape)));
    return { value: nest(shape, results) as Value, jacobian };
  }

  /**
   * The value, a number, its gradient, and for each two inputs the second derivatives, of the first input's shape followed
   * by the second's. Throws as `evaluate` does.
   */
  hessian(inputs: Inputs): {
    value: number;
    gradient: Record<string, NestedNumbers>;
    hessian: Record<string, Record<string, NestedNumbers>>;
  } {
    const module = this.suiting(inputs);
    if (module !== this) return module.hessian(inputs);
    this.needNumber("hessian");
    const results = this.runOf(hessianGraph)(...this.signature.row(inputs));
    const gradient = this.signature.record((offset, shape) => nest(shape, results, 1 + offset));
    const hessian = hessianRecord(this.signature, results.slice(1 + this.signature.width));
    return { value: results[0], gradient, hessian };
  }

  /**
   * The value, and how fast it changes where the inputs change as `tangents` says, of the inputs' shapes; an input left out
   * of it stays as it is. Forward mode: costs a few evaluations, however many inputs there are. Throws as `evaluate` does.
   */
  jvp<Value extends NestedNumbers = NestedNumbers>(inputs: Inputs, tangents: Inputs): { value: Value; tangent: Value } {
    const module = this.suiting(inputs);
    if (module !== this) return module.jvp(inputs, tangents);
    const row = this.signature.row(inputs);
    checkRecord(tangents);
    checkNames(this.inputs, [...new Set([...Object.keys(tangents), ...this.inputs])]);
    const speeds = new Array<number>(row.length).fill(0);
    for (const [i, name] of this.inputs.entries())
      if (Object.hasOwn(tangents, name))
        flatten(name, this.signature.shapes[i], tangents[name], speeds, this.signature.offsets[i]);
    const { shape } = this.compiled;
    const results = this.runOf(jvpGraph)(...row, ...speeds);
    return { value: nest(shape, results) as Value, tangent: nest(shape, results, sizeOf(shape)) as Value };
  }

  /**
   * The value, and for each input the sum over the value's elements of their slopes times `cotangent`, which has the
   * value's shape. Reverse mode: costs a few evaluations, however many inputs there are. Throws as `evaluate` does.
   */
  vjp<Value extends NestedNumbers = NestedNumbers>(
    inputs: Inputs,
    cotangent: GivenValue,
  ): { value: Value; gradient: Record<string, NestedNumbers> } {
    const module = this.suiting(inputs);
    if (module !== this) return module.vjp(inputs, cotangent);
    const row = this.signature.row(inputs);
    const { shape } = this.compiled;
    const factors: number[] = [];
    flatten("cotangent", shape, cotangent, factors, 0);
    const results = this.runOf(vjpGraph)(...row, ...factors);
    const start = sizeOf(shape);
    const gradient = this.signature.record((offset, inputShape) => nest(inputShape, results, start + offset));
    return { value: nest(shape, results) as Value, gradient };
  }

  /**
   * The value in each row: shape [rows], or [rows, ...shape] with the rows after one another. Arrays must have one number
   * of rows; numbers, and plain arrays for inputs declared to be arrays, stand for every row.
   * @throws as `evaluate`, with the row where strict mode stops.
   */
  batch(inputs: BatchInputs): Floats {
    const graph = this.graph;
    const { count, strides, arrays } = this.signature.rows(inputs, (length) => this.floats(length));
    const columns = graph.main.results.map(() => this.floats(count));
    this.batchRunner().run(count, strides, ...arrays, ...columns);
    return this.interleaved(columns);
  }

  /**
   * The value in each row, a number, and its slope in each input: shapes [rows], or [rows, ...shape of the input] with the
   * rows after one another. Throws as `batch` does.
   */
  batchGradient(inputs: BatchInputs): { value: Floats; gradient: Record<string, Floats> } {
    this.needNumber("batchGradient");
    const { count, strides, arrays } = this.signature.rows(inputs, (length) => this.floats(length));
    const columns = this.graph.inputs.map(() => this.floats(count));
    const value = this.floats(count);
    this.batchGradientRunner().run(count, strides, ...arrays, value, ...columns);
    const gradient = this.signature.record((offset, shape) =>
      this.interleaved(columns.slice(offset, offset + sizeOf(shape))),
    );
    return { value, gradient };
  }

  private interleaved(columns: readonly Floats[]): Floats {
    if (columns.length === 1) return columns[0];
    const rows = this.floats(columns.length * (columns[0]?.length ?? 0));
    toRows(columns, rows);
    return rows;
  }

  /** Arrays for `batch` rows and functions that run on them. Parameters' arrays start filled with their values. */
  prepare(batch: number): PreparedBatch {
    if (!Number.isInteger(batch) || batch < 0)
      throw new SoftmachineError(`a batch has a whole number of rows, not ${describe(batch)}`);
    return preparedBatch(batch, this.graph, this.compiled.shape, this.signature, {
      value: () => this.batchRunner(),
      gradient: () => {
        this.needNumber("runGradient");
        return this.batchGradientRunner();
      },
    });
  }

  /**
   * The program as a differentiable TensorFlow.js operation, row by row: an input of shape s takes a tensor of shape
   * [...batch, ...s], where the batch axes of all inputs broadcast together, and the value has shape [...batch, ...shape].
   * Its derivative is such an operation again, so derivatives of any order exist. Parameters that are not given are
   * constants of the program: frozen. Arithmetic is float32, as the tensors are.
   *
   * On the wasm backend it runs in the tensors' own memory and copies nothing; on others as tensor operations, or on copies
   * where the program has loops, recursion, `gcd`, `lcm`, an index that is computed, or strict mode's checks.
   *
   * @throws SoftmachineError for missing, extra or unsuitable inputs; DomainError and BudgetError as `batch`.
   */
  apply(tensors: Readonly<Record<string, TensorFlow.Tensor>>): TensorFlow.Tensor {
    return applyToTensors(this.signature, this.shape, tensors, (given) => this.program(given));
  }

  /**
   * The program as a layer for `tf.sequential` and `tf.model`. It takes a list of tensors, one for each of its inputs, as
   * `apply` does; or one tensor whose last axis holds them all, where all are numbers. The value has the shape that `apply`
   * gives it, with a last axis of 1 where a layer's value would otherwise be of rank 1, or where the inputs came in one
   * tensor: [batch, 1]. Parameters are frozen, unless they are named as trainable. Models with such layers can be saved and
   * loaded; see `registerProgramLayers`.
   *
   * @throws SoftmachineError for options that don't fit the program.
   */
  toLayer(options: LayerOptions = {}): TensorFlow.layers.Layer {
    return programLayer(this, this.compiled.definition, options);
  }

  /**
   * Parameters, all unless named, as TensorFlow.js variables that hold their values, to be given to `apply` and trained. They
   * are the caller's to dispose.
   * @throws SoftmachineError for a name that is no parameter.
   */
  variables(names: readonly string[] = Object.keys(this.parameters)): Record<string, TensorFlow.Variable> {
    checkTrainable(this, names);
    const tf = tensorFlow();
    return tf.tidy(() =>
      Object.fromEntries(names.map((name) => [name, tf.variable(tf.scalar(this.parameters[name], "float32"))])),
    );
  }

  /** The program on the inputs named, parameters that are not among them being constants. */
  private program(given: readonly string[]): GraphProgram {
    const key = given.join(" ");
    let program = this.programs.get(key);
    if (!program) {
      const frozen = Object.entries(this.parameters).filter(([name]) => !given.includes(name));
      const graph = this.generate(() => bindInputs(this.graph, new Map(frozen), "float32"));
      const { shapes } = this.signature;
      const sizes = given.map((name) => sizeOf(shapes[this.inputs.indexOf(name)]));
      program = new GraphProgram(graph, sizes, [sizeOf(this.compiled.shape)], this.compiled.budget);
      this.programs.set(key, program);
    }
    return program;
  }

  /** The slope in one input as a module of the same inputs; see `derivative`. */
  partial(name: string): DirectModule {
    return this.derivative(name);
  }

  /**
   * The derivative with respect to one input, as a module of the same inputs: its value has this one's shape followed by
   * the input's. It has derivatives in turn, of any order.
   */
  derivative(name: string): DirectModule {
    if (!this.inputs.includes(name)) checkNames(this.inputs, [...this.inputs, name]);
    let module = this.derivatives.get(name);
    if (!module) {
      const { shape } = this.compiled;
      const at = this.inputs.indexOf(name);
      const { width, offsets, shapes } = this.signature;
      const size = sizeOf(shape);
      const places = Array.from({ length: size }, (_, i) =>
        Array.from({ length: sizeOf(shapes[at]) }, (_, k) => size + i * width + offsets[at] + k),
      );
      // What is differentiated again takes loops forwards, but has no cause to run so.
      const executed = selectResults(this.slopeGraph(), places.flat());
      module = new DirectModule({
        ...this.compiled,
        graph: selectResults(this.differentiableSlopes(), places.flat()),
        executed,
        shape: [...shape, ...shapes[at]],
        definition: { derivative: name, of: this.compiled.definition },
        undeclared: undefined,
      });
      this.derivatives.set(name, module);
    }
    return module;
  }

  /** This module with others' values in place of inputs; see `compose`. */
  compose(parts: Readonly<Record<string, DirectModule>>): DirectModule {
    checkRecord(parts);
    const compiled = Object.entries(parts).map(([name, part]) => {
      if (!(part instanceof DirectModule)) throw new SoftmachineError(`input "${name}" is not replaced by a module`);
      return [name, part.compiled] as const;
    });
    return new DirectModule(composePrograms(this.compiled, Object.fromEntries(compiled)));
  }

  /** The parameters for which the program's value matches a column of the data best; see `fit`. */
  fit(data: FitData, options: FitOptions): Fit {
    const arrays = this.inputs.filter((_, i) => this.signature.shapes[i].length > 0);
    if (arrays.length > 0)
      throw new SoftmachineError(`fit takes programs on numbers; input "${arrays[0]}" of this one is an array`);
    this.needNumber("fit");
    return leastSquares(this, data, options);
  }

  /**
   * Where the program may leave its domain while its inputs stay in these ranges, and more: see `explain`. Of an array the
   * range is that of each element.
   */
  explain(ranges: Ranges = {}): Explanation {
    // Strict mode's graph has all that may be outside its domain: a pivot or a length of 0, and what no result depends on.
    if (this.graph.arithmetic.domain !== "strict") {
      this.strict ??= moduleOf(strictly(this.compiled.definition));
      return this.strict.explain(ranges);
    }
    const elements = this.signature.record((offset, shape) => this.graph.inputs.slice(offset, offset + sizeOf(shape)));
    return explainGraph(this.graph, ranges, this.parameters, elements);
  }

  /**
   * The program in one of its stages, as text, or in another language or format: see `emitProgram`.
   * @throws SoftmachineError for a form there is none of, and for what a form can't say.
   */
  emit(form: EmitForm, options?: EmitOptions): string;
  emit(form: BinaryForm, options?: EmitOptions): Uint8Array<ArrayBuffer>;
  emit(form: EmitForm | BinaryForm, options?: EmitOptions): string | Uint8Array<ArrayBuffer>;
  emit(form: EmitForm | BinaryForm, options?: EmitOptions): string | Uint8Array<ArrayBuffer> {
    const forms: readonly string[] = [...emitForms, ...binaryForms];
    if (!forms.includes(form))
      throw new SoftmachineError(`a program is printed as ${forms.join(", ")}, not as ${describe(form)}`);
    const { compiled } = this;
    return withinStack(compiled.core.source, () =>
      emitProgram(
        form,
        { compiled, slopes: () => this.slopeGraph(), forwardSlopes: () => this.differentiableSlopes() },
        options,
      ),
    );
  }

  private generate<T>(make: () => T): T {
    return withinStack(this.graph.source, make);
  }

  private slopeGraph(): Graph {
    this.slopes ??= this.generate(() => jacobianGraph(this.graph));
    return this.slopes;
  }

  private differentiableSlopes(): Graph {
    this.forwardSlopes ??= records(this.slopeGraph().main)
      ? this.generate(() => jacobianGraph(this.graph, "forward"))
      : this.slopeGraph();
    return this.forwardSlopes;
  }

  /** The graph that gives the value, where it need not be differentiated. */
  private get executed(): Graph {
    return this.compiled.executed ?? this.graph;
  }

  private batchRunner(): BatchRunner {
    this.batchValue ??= this.generate(() => new BatchRunner(this.executed, this.compiled.budget));
    return this.batchValue;
  }

  private batchGradientRunner(): BatchRunner {
    this.batchValueAndSlopes ??= this.generate(() => new BatchRunner(this.slopeGraph(), this.compiled.budget));
    return this.batchValueAndSlopes;
  }

  /** An array to be written whole. */
  private floats(length: number): Floats {
    return newResults(this.dtype, length);
  }

  /** The module for the shapes of these inputs: this one, unless arrays are given for inputs whose shape is not declared. */
  private suiting(inputs: Inputs): DirectModule {
    const { undeclared } = this.compiled;
    if (!undeclared) return this;
    checkRecord(inputs);
    let arrays = undeclared.needsShapes;
    for (const name of undeclared.names)
      if (typeof inputs[name] === "object" && inputs[name] !== null && Object.hasOwn(inputs, name)) arrays = true;
    if (!arrays) return this;
    this.signature.checkGiven(Object.keys(inputs));
    const given = undeclared.names.filter((name) => Object.hasOwn(inputs, name));
    return undeclared.specialise(new Map(given.map((name) => [name, givenShape(name, inputs[name])])));
  }

  private needNumber(what: string): void {
    const { shape } = this;
    if (shape.length > 0)
      throw new SoftmachineError(
        `${what} is of a program whose value is a number; this one's is ${describeShape(shape)}, whose slopes jacobian gives`,
      );
  }

  /** The function that a graph made from this module's graph is, giving all its results; made when first needed. */
  private runOf(make: (graph: Graph) => Graph): Run {
    let run = this.runs.get(make);
    if (!run) {
      const graph = make === jacobianGraph ? this.slopeGraph() : this.generate(() => make(this.graph));
      const compiled = this.generate(() => compileSingle(graph, this.compiled.budget));
      // A graph with one result gives it bare.
      run = (graph.main.results.length === 1 ? (...row) => [compiled(...row) as number] : compiled) as Run;
      this.runs.set(make, run);
    }
    return run;
  }
}
