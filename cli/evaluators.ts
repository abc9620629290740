import { compile } from "../direct/index.js";
import {
  DomainError,
  evaluateReference,
  messageOf,
  readProgram,
  type Shape,
  SoftmachineError,
  type Value,
  valueOfShape,
} from "../scheme/index.js";
import { compileToAssembly, linkAlone, runOnMachine } from "./machine-program.js";
import type { ProgramSource } from "./program-source.js";

/** What a program can be run on. */
export const evaluatorNames = ["direct", "reference", "machine"] as const;
export type EvaluatorName = (typeof evaluatorNames)[number];

export interface EvaluatorOptions {
  readonly entry?: string;
  /** Shapes of the inputs that are arrays. */
  readonly shapes?: Readonly<Record<string, number[]>>;
  readonly dtype?: "float64" | "float32";
  readonly strict?: boolean;
  readonly iterations?: number;
  readonly frames?: number;
  /** Values of the machine are 0..n-1. */
  readonly n?: number;
  readonly registers?: number;
  /** Steps that the machine may take. */
  readonly steps?: number;
}

export type Inputs = Readonly<Record<string, Value>>;
/** Numbers one for each row, or one value for all rows. */
export type Columns = Readonly<Record<string, Float64Array | Value>>;

/** A program ready to run on one path. */
export interface Evaluator {
  /** The program's free variables, in the order of the text. */
  readonly inputs: readonly string[];
  evaluate(inputs: Inputs): Value;
  /** Values for `rows` rows, which are numbers. A fault in one row is a RowFailure where the path knows the row. */
  batch(columns: Columns, rows: number): ArrayLike<number>;
  /** Value and derivatives by input name; absent where the path has none. */
  readonly gradient?: (inputs: Inputs) => { value: Value; gradient: Readonly<Record<string, Value>> };
  readonly batchGradient?: (
    columns: Columns,
    rows: number,
  ) => { value: ArrayLike<number>; gradient: Readonly<Record<string, (row: number) => Value>> };
}

/** The size of the machine when nothing else is asked for. */
export const defaultSize = 16;

/** Compiles a program for a path. */
export function makeEvaluator(path: EvaluatorName, source: ProgramSource, options: EvaluatorOptions): Evaluator {
  switch (path) {
    case "direct":
      return directEvaluator(source, options);
    case "reference":
      return referenceEvaluator(source, options);
    case "machine":
      return machineEvaluator(source, options);
  }
}

/** The options that are set, without those that are `undefined`. */
export function given<T extends object>(options: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const entries = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]?: Exclude<T[K], undefined> };
}

function directEvaluator(source: ProgramSource, options: EvaluatorOptions): Evaluator {
  const { entry, shapes: inputs = {}, dtype, strict, iterations, frames } = options;
  const module = compile(source.text, {
    name: source.name,
    domain: strict ? "strict" : "ieee",
    inputs,
    ...given({ entry, dtype, iterations, frames }),
  });
  return {
    inputs: module.inputs,
    evaluate: (inputs) => module.evaluate(inputs),
    gradient: (inputs) => module.gradient(inputs),
    batch: (columns, rows) =>
      repeated(
        withRow(() => module.batch(columns)),
        rows,
        module.shape,
      ),
    batchGradient: (columns, rows) => {
      const { value, gradient } = withRow(() => module.batchGradient(columns));
      const slopes = Object.entries(gradient).map(([name, slope]) => {
        const { [name]: shape = [] } = inputs;
        const size = shape.reduce((product, length) => product * length, 1);
        // Where all inputs are the same in every row there is one.
        const stride = slope.length === size ? 0 : size;
        return [name, (row: number) => valueOfShape(shape, slope, row * stride)];
      });
      return { value: repeated(value, rows, []), gradient: Object.fromEntries(slopes) };
    },
  };
}

function referenceEvaluator(source: ProgramSource, options: EvaluatorOptions): Evaluator {
  const { entry, strict, iterations, frames } = options;
  const program = readProgram(source.text, { name: source.name, ...given({ entry }) });
  const settings = { domain: strict ? "strict" : "ieee", ...given({ iterations, frames }) } as const;
  const evaluate = (inputs: Inputs) => evaluateReference(program, inputs, settings);
  return { inputs: program.inputs, evaluate, batch: rowByRow(evaluate) };
}

function machineEvaluator(source: ProgramSource, options: EvaluatorOptions): Evaluator {
  const { n = defaultSize, entry, shapes, registers, steps } = options;
  const size = { n, ...given({ entry, shapes, registers }) };
  const program = linkAlone(compileToAssembly(source, size), size);
  const { operands, arrays = [] } = program.assembly;
  const evaluate = (inputs: Inputs) => runOnMachine(program, inputs, steps).value;
  return { inputs: [...operands, ...arrays.map(({ name }) => name)], evaluate, batch: rowByRow(evaluate) };
}

/** A fault in one row of a batch. */
export class RowFailure extends SoftmachineError {
  /** @param row counted from 0. */
  constructor(
    readonly row: number,
    message: string,
  ) {
    super(message);
  }
}

/** Runs rows one after another. */
function rowByRow(evaluate: (inputs: Inputs) => Value): Evaluator["batch"] {
  return (columns, rows) =>
    Float64Array.from({ length: rows }, (_, row) => {
      const inputs = Object.entries(columns).map(([name, column]) => [
        name,
        column instanceof Float64Array ? column[row] : column,
      ]);
      try {
        return oneNumber(evaluate(Object.fromEntries(inputs)));
      } catch (error) {
        throw error instanceof SoftmachineError ? new RowFailure(row, messageOf(error)) : error;
      }
    });
}

/** Strict mode says which row of a batch it stopped in. */
function withRow<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw error instanceof DomainError && error.row !== undefined ? new RowFailure(error.row, error.what) : error;
  }
}

/** A batch has as many rows as its columns: one, where all inputs are the same in every row. */
function repeated(values: ArrayLike<number>, rows: number, shape: Shape): ArrayLike<number> {
  if (shape.length > 0) throw noNumber();
  return values.length === rows ? values : new Float64Array(rows).fill(values[0]);
}

const noNumber = () => new SoftmachineError("a table of inputs needs a program whose value is one number");

function oneNumber(value: Value): number {
  if (typeof value === "number") return value;
  throw noNumber();
}
