import type * as TensorFlow from "@tensorflow/tfjs";
import type { AnfProgram, CoreProgram } from "../scheme/index.js";
import { type Budget, checkNames, printAnf, printCore, SoftmachineError, withinStack } from "../scheme/index.js";
import type { Graph } from "./graph.js";
import { checkRecord, describe } from "./inputs.js";
import { gradientGraph, selectResults } from "./reverse-mode.js";
import { type BatchFunction, compileBatch, compileSingle, type Floats, printSlots } from "./slots.js";
import { applyToTensors } from "./tensors.js";

/** Numbers by input name. Parameters may be left out. */
export type Inputs = Readonly<Record<string, number>>;

/** For each input a number for every row, or one for all. */
export type BatchInputs = Readonly<Record<string, Floats | number>>;

/** Arrays that a prepared batch reads and writes, and the functions that run it on them; a training loop copies nothing. */
export interface PreparedBatch {
  readonly inputs: Readonly<Record<string, Floats>>;
  readonly output: Floats;
  readonly gradient: Readonly<Record<string, Floats>>;
  /** Computes `output` from `inputs`. */
  run(): void;
  /** Computes `output` and `gradient` from `inputs`. */
  runGradient(): void;
}

/** The text forms of a program that `emit` gives, from the core language to instructions over slots. */
export const emitForms = ["ast", "anf", "slots"] as const;
export type EmitForm = (typeof emitForms)[number];

/** What a module was made from. */
export interface Compiled {
  readonly core: CoreProgram;
  readonly anf: AnfProgram;
  readonly graph: Graph;
  readonly parameters: Readonly<Record<string, number>>;
  readonly budget: Budget;
}

/**
 * A program as a frozen function with exact derivatives ("The Neural Compiler", 2026): it computes what the source says to
 * floating-point precision, for single inputs, batches and tensors.
 */
export class DirectModule {
  /** The program's free variables, in the order of its text; then declared inputs that it does not use. */
  readonly inputs: readonly string[];
  /** Inputs with a value that stands where none is given. */
  readonly parameters: Readonly<Record<string, number>>;
  readonly dtype: "float64" | "float32";
  private readonly compiled: Compiled;
  private readonly graph: Graph;
  private value: ((...inputs: number[]) => number) | undefined;
  private valueAndSlopes: ((...inputs: number[]) => readonly number[]) | undefined;
  private batchValue: BatchFunction | undefined;
  private batchValueAndSlopes: BatchFunction | undefined;
  private slopes: Graph | undefined;
  private readonly partials = new Map<string, DirectModule>();

  constructor(compiled: Compiled) {
    this.compiled = compiled;
    this.graph = compiled.graph;
    this.inputs = compiled.graph.inputs;
    this.parameters = compiled.parameters;
    this.dtype = compiled.graph.arithmetic.dtype;
  }

  /**
   * The program's value.
   * @throws SoftmachineError for missing, extra or unsuitable inputs, DomainError in strict mode, BudgetError for a run
   * without end.
   */
  evaluate(inputs: Inputs): number {
    this.value ??= this.generate(() => compileSingle(this.graph, this.compiled.budget)) as (...x: number[]) => number;
    return this.value(...this.order(inputs));
  }

  /** The value and its slope in each input. Throws as `evaluate` does. */
  gradient(inputs: Inputs): { value: number; gradient: Record<string, number> } {
    const { budget } = this.compiled;
    this.valueAndSlopes ??= this.generate(() => {
      const run = compileSingle(this.slopeGraph(), budget);
      // A graph with one result gives it bare: then there are no slopes.
      return this.inputs.length === 0 ? () => [run() as number] : run;
    }) as (...x: number[]) => readonly number[];
    const results = this.valueAndSlopes(...this.order(inputs));
    const gradient: Record<string, number> = {};
    for (const [i, name] of this.inputs.entries()) define(gradient, name, results[1 + i]);
    return { value: results[0], gradient };
  }

  /**
   * The value in each row: shape [rows]. Arrays must have one length; numbers stand for every row.
   * @throws as `evaluate`, with the row where strict mode stops.
   */
  batch(inputs: BatchInputs): Floats {
    const { count, strides, arrays } = this.rows(inputs);
    const output = this.floats(count);
    this.batchRunner()(count, strides, ...arrays, output);
    return output;
  }

  /** The value in each row and its slope in each input: shapes [rows]. Throws as `batch` does. */
  batchGradient(inputs: BatchInputs): { value: Floats; gradient: Record<string, Floats> } {
    const { count, strides, arrays } = this.rows(inputs);
    const value = this.floats(count);
    const gradient: Record<string, Floats> = {};
    for (const name of this.inputs) define(gradient, name, this.floats(count));
    this.batchGradientRunner()(count, strides, ...arrays, value, ...ordered(gradient, this.inputs));
    return { value, gradient };
  }

  /** Arrays for `batch` rows and functions that run on them. Parameters' arrays start filled with their values. */
  prepare(batch: number): PreparedBatch {
    if (!Number.isInteger(batch) || batch < 0)
      throw new SoftmachineError(`a batch has a whole number of rows, not ${describe(batch)}`);
    const inputs: Record<string, Floats> = {};
    const gradient: Record<string, Floats> = {};
    for (const name of this.inputs) {
      define(inputs, name, this.floats(batch).fill(this.parameters[name] ?? 0));
      define(gradient, name, this.floats(batch));
    }
    const output = this.floats(batch);
    const strides = this.inputs.map(() => 1);
    const read = ordered(inputs, this.inputs);
    const write = ordered(gradient, this.inputs);
    return {
      inputs,
      output,
      gradient,
      run: () => this.batchRunner()(batch, strides, ...read, output),
      runGradient: () => this.batchGradientRunner()(batch, strides, ...read, output, ...write),
    };
  }

  /**
   * The program as a differentiable TensorFlow.js operation: elementwise over tensors that broadcast together. Its
   * derivative is such an operation again, so derivatives of any order exist.
   */
  apply(tensors: Readonly<Record<string, TensorFlow.Tensor>>): TensorFlow.Tensor {
    return applyToTensors(this, tensors);
  }

  /** The slope in one input as a module of the same inputs. */
  partial(name: string): DirectModule {
    checkNames([name], this.inputs.includes(name) ? [name] : [], "input");
    let module = this.partials.get(name);
    if (!module) {
      const graph = selectResults(this.slopeGraph(), [1 + this.inputs.indexOf(name)]);
      module = new DirectModule({ ...this.compiled, graph });
      this.partials.set(name, module);
    }
    return module;
  }

  /** The program in one of its stages, as text. */
  emit(form: EmitForm): string {
    if (!emitForms.includes(form))
      throw new SoftmachineError(`a program is printed as ${emitForms.join(", ")}, not as ${describe(form)}`);
    switch (form) {
      case "ast":
        return printCore(this.compiled.core);
      case "anf":
        return printAnf(this.compiled.anf);
      case "slots":
        return printSlots(this.graph);
    }
  }

  private generate<T>(make: () => T): T {
    return withinStack(this.graph.source, make);
  }

  private slopeGraph(): Graph {
    this.slopes ??= this.generate(() => gradientGraph(this.graph, this.inputs));
    return this.slopes;
  }

  private batchRunner(): BatchFunction {
    this.batchValue ??= this.generate(() => compileBatch(this.graph, this.compiled.budget));
    return this.batchValue;
  }

  private batchGradientRunner(): BatchFunction {
    this.batchValueAndSlopes ??= this.generate(() => compileBatch(this.slopeGraph(), this.compiled.budget));
    return this.batchValueAndSlopes;
  }

  private floats(length: number): Floats {
    try {
      return this.dtype === "float32" ? new Float32Array(length) : new Float64Array(length);
    } catch {
      throw new SoftmachineError(`${length} rows are more than memory holds`);
    }
  }

  /** Inputs as a row of arguments, with parameters where none is given. */
  private order(inputs: Inputs): number[] {
    checkRecord(inputs);
    const { inputs: names, parameters } = this;
    const row = new Array<number>(names.length);
    let found = 0;
    for (let i = 0; i < names.length; i++) {
      const name = names[i];
      if (Object.hasOwn(inputs, name)) {
        found++;
        row[i] = inputs[name];
      } else if (Object.hasOwn(parameters, name)) row[i] = parameters[name];
      else this.checkGiven(Object.keys(inputs));
      if (typeof row[i] !== "number")
        throw new SoftmachineError(`input "${name}" must be a number, not ${describe(row[i])}`);
    }
    if (found !== Object.keys(inputs).length) this.checkGiven(Object.keys(inputs));
    return row;
  }

  private checkGiven(given: readonly string[]): void {
    checkNames(this.inputs, [...new Set([...given, ...Object.keys(this.parameters)])]);
  }

  private rows(inputs: BatchInputs): { count: number; strides: number[]; arrays: Floats[] } {
    checkRecord(inputs);
    this.checkGiven(Object.keys(inputs));
    const given = this.inputs.map((name) => (Object.hasOwn(inputs, name) ? inputs[name] : this.parameters[name]));
    let count: number | undefined;
    let longest = "";
    for (const [i, value] of given.entries()) {
      if (typeof value === "number") continue;
      if (!ArrayBuffer.isView(value) || !("length" in value) || typeof value[0] === "bigint")
        throw new SoftmachineError(
          `input "${this.inputs[i]}" of a batch must be a typed array or a number, not ${describe(value)}`,
        );
      if (count !== undefined && value.length !== count)
        throw new SoftmachineError(
          `inputs of a batch differ in length: "${longest}" has ${count} rows and "${this.inputs[i]}" has ${value.length}`,
        );
      count = value.length;
      longest = this.inputs[i];
    }
    const arrays = given.map((value) => (typeof value === "number" ? this.floats(1).fill(value) : value));
    return { count: count ?? 1, strides: given.map((value) => (typeof value === "number" ? 0 : 1)), arrays };
  }
}

/** Sets an own property whatever its name is, `__proto__` too. */
function define<T>(record: Record<string, T>, name: string, value: T): void {
  Object.defineProperty(record, name, { value, enumerable: true, writable: true, configurable: true });
}

const ordered = (arrays: Readonly<Record<string, Floats>>, names: readonly string[]) =>
  names.map((name) => arrays[name]);
