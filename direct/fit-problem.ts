import { checkNames, DomainError, SoftmachineError, suggestion } from "../scheme/index.js";
import { dot } from "./linear-algebra.js";
import type { DirectModule } from "./module.js";
import type { LeastSquares, Linearization } from "./optimizers/optimizer.js";
import type { Floats } from "./slots.js";

/** Columns by name, all of one length; a number stands for every row. */
export type FitData = Readonly<Record<string, Floats | readonly number[] | number>>;

/** What of the data a fit uses: the target and the inputs that are no parameters. */
export interface FitColumns {
  readonly rows: number;
  readonly target: Float64Array;
  readonly inputs: ReadonlyMap<string, Float64Array>;
  /** 1/σ for each row. */
  readonly weights: Float64Array;
}

interface Wanted {
  readonly target: string;
  readonly parameters: readonly string[];
  readonly sigma: string | number | Floats | readonly number[] | undefined;
}

/**
 * Takes the columns that a fit needs from the data, and checks each cell of them.
 * @throws SoftmachineError naming the column, and the row counted from 0, at fault.
 */
export function readColumns(module: DirectModule, data: FitData, { target, parameters, sigma }: Wanted): FitColumns {
  if (typeof data !== "object" || data === null || Array.isArray(data))
    throw new SoftmachineError("data is given by column name, as { x: [1, 2], y: [2, 4] }");
  if (module.inputs.includes(target))
    throw new SoftmachineError(`the target "${target}" is an input of the program: it can't be what is fitted`);
  for (const name of parameters)
    if (!module.inputs.includes(name)) checkNames(module.inputs, [...module.inputs, name], "input");
  const twice = parameters.find((name) => Object.hasOwn(data, name));
  if (twice !== undefined) throw new SoftmachineError(`"${twice}" is a parameter to fit and a column of the data`);
  const constants = module.inputs.filter(
    (name) => !Object.hasOwn(data, name) && Object.hasOwn(module.parameters, name),
  );
  const names = module.inputs.filter((name) => !parameters.includes(name) && !constants.includes(name));
  const wanted = [target, ...names, ...(typeof sigma === "string" ? [sigma] : [])];
  const rows = countRows(data, wanted);
  const column = (name: string) => cells(name, data[name], rows);
  const inputs = new Map(names.map((name) => [name, column(name)]));
  for (const name of constants)
    if (!parameters.includes(name)) inputs.set(name, new Float64Array(rows).fill(module.parameters[name]));
  const deviations =
    typeof sigma === "string" ? column(sigma) : sigma === undefined ? undefined : cells("sigma", sigma, rows);
  const bad = deviations?.findIndex((value) => !(value > 0)) ?? -1;
  if (bad >= 0) throw new SoftmachineError(`sigma must be above 0, not ${deviations?.[bad]}, in row ${bad}`);
  return {
    rows,
    target: column(target),
    inputs,
    weights: deviations ? deviations.map((value) => 1 / value) : new Float64Array(rows).fill(1),
  };
}

function countRows(data: FitData, wanted: readonly string[]): number {
  let rows: number | undefined;
  let longest = "";
  const known = Object.keys(data);
  for (const name of wanted) {
    if (!Object.hasOwn(data, name)) {
      const has = known.length === 0 ? "it has none" : `it has ${known.map((key) => `"${key}"`).join(", ")}`;
      throw new SoftmachineError(`the data has no column "${name}"${suggestion(name, known)}; ${has}`);
    }
    const column = data[name];
    if (typeof column === "number") continue;
    if (!isColumn(column))
      throw new SoftmachineError(`column "${name}" must be an array of numbers, or a number for all rows`);
    if (rows !== undefined && rows !== column.length)
      throw new SoftmachineError(
        `columns differ in length: "${longest}" has ${rows} rows and "${name}" has ${column.length}`,
      );
    rows = column.length;
    longest = name;
  }
  if (!rows) throw new SoftmachineError("the data has no rows");
  return rows;
}

const isColumn = (column: unknown): column is Floats | readonly number[] =>
  Array.isArray(column) || (ArrayBuffer.isView(column) && "length" in column);

function cells(name: string, column: FitData[string], rows: number): Float64Array {
  const numbers = typeof column === "number" ? new Float64Array(rows).fill(column) : column;
  if (numbers.length !== rows)
    throw new SoftmachineError(`"${name}" has ${numbers.length} rows and the data has ${rows}`);
  return Float64Array.from({ length: rows }, (_, row) => {
    const cell: unknown = numbers[row];
    if (typeof cell === "number" && Number.isFinite(cell)) return cell;
    const what = typeof cell === "number" ? `${cell}` : `${JSON.stringify(cell) ?? cell}`;
    throw new SoftmachineError(`column "${name}", row ${row}: ${what} is not a finite number`);
  });
}

/**
 * A module's parameters as a least-squares problem: residuals (f(x, p) - y)/σ, with the exact Jacobian, in units of the
 * target's weighted root sum of squares.
 */
export class FitProblem implements LeastSquares {
  readonly columns: FitColumns;
  readonly parameters: readonly string[];
  /** What residuals are divided by, beside σ. */
  readonly unit: number;
  private readonly prepared;
  private readonly weights: Float64Array;

  constructor(module: DirectModule, columns: FitColumns, parameters: readonly string[]) {
    this.columns = columns;
    this.parameters = parameters;
    this.prepared = module.prepare(columns.rows);
    for (const [name, { length }] of [...Object.entries(this.prepared.inputs), ["", this.prepared.output] as const])
      if (length !== columns.rows)
        throw new SoftmachineError(
          `${name === "" ? "the program's value" : `input "${name}"`} is an array: a fit is of numbers`,
        );
    for (const [name, column] of columns.inputs) this.prepared.inputs[name].set(column);
    const weighted = columns.target.map((y, i) => y * columns.weights[i]);
    this.unit = Math.sqrt(dot(weighted, weighted)) || 1;
    this.weights = columns.weights.map((weight) => weight / this.unit);
  }

  loss(point: Float64Array): number {
    if (!this.run(point, () => this.prepared.run())) return Number.POSITIVE_INFINITY;
    const residuals = this.residuals();
    const loss = dot(residuals, residuals);
    return Number.isNaN(loss) ? Number.POSITIVE_INFINITY : loss;
  }

  linearize(point: Float64Array): Linearization {
    const inside = this.run(point, () => this.prepared.runGradient());
    const residuals = this.residuals();
    const jacobian = this.parameters.map((name) => product(this.weights, this.prepared.gradient[name]));
    const gradient = Float64Array.from(jacobian, (column) => 2 * dot(column, residuals));
    const loss = dot(residuals, residuals);
    const finite = inside && Number.isFinite(loss) && gradient.every(Number.isFinite);
    return { loss: finite ? loss : Number.POSITIVE_INFINITY, gradient, residuals, jacobian };
  }

  /** Whether the program runs: in strict mode a point may lie outside its domain. */
  private run(point: Float64Array, run: () => void): boolean {
    for (const [j, name] of this.parameters.entries()) this.prepared.inputs[name].fill(point[j]);
    try {
      run();
      return true;
    } catch (error) {
      if (error instanceof DomainError) return false;
      throw error;
    }
  }

  private residuals(): Float64Array {
    const { weights, prepared } = this;
    const { target } = this.columns;
    const residuals = new Float64Array(target.length);
    const { output } = prepared;
    for (let i = 0; i < residuals.length; i++) residuals[i] = weights[i] * (output[i] - target[i]);
    return residuals;
  }
}

function product(x: Floats, y: Floats): Float64Array {
  const result = new Float64Array(x.length);
  for (let i = 0; i < result.length; i++) result[i] = x[i] * y[i];
  return result;
}

/** About `count` rows of a table, evenly spread; all of it where it has no more than twice as many. */
export function sampleRows(columns: FitColumns, count: number): FitColumns {
  const stride = Math.floor(columns.rows / count);
  if (stride < 2) return columns;
  const take = (column: Float64Array) => column.filter((_, row) => row % stride === 0);
  return {
    rows: Math.ceil(columns.rows / stride),
    target: take(columns.target),
    inputs: new Map([...columns.inputs].map(([name, column]) => [name, take(column)])),
    weights: take(columns.weights),
  };
}
