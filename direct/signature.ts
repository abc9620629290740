import { checkNames, describeShape, type Shape, SoftmachineError, sizeOf } from "../scheme/index.js";
import { checkRecord, describe } from "./inputs.js";
import { flatten, type GivenValue, type NestedNumbers, nest } from "./shaped-values.js";
import type { Floats } from "./slots.js";

/** Numbers and arrays by input name. Parameters may be left out. */
export type Inputs = Readonly<Record<string, GivenValue>>;

/**
 * For each input a value for every row, or one for all: a typed array has a number for each row, or, of an input that is
 * declared to be an array, the elements of the first row, those of the second, and so on.
 */
export type BatchInputs = Readonly<Record<string, GivenValue>>;

/** Columns of a batch, one for each number of the inputs; stride 0 is one value for every row. */
export interface Rows {
  readonly count: number;
  readonly strides: number[];
  readonly arrays: Floats[];
}

const isTyped = (value: unknown): value is Floats =>
  ArrayBuffer.isView(value) && "length" in value && typeof (value as Floats)[0] !== "bigint";

/** The inputs of a module, by name and shape: how what is given for them becomes the numbers that its graph takes. */
export class Signature {
  readonly names: readonly string[];
  readonly shapes: readonly Shape[];
  /** How many numbers all inputs are, and where those of each begin. */
  readonly width: number;
  readonly offsets: readonly number[];
  readonly parameters: Readonly<Record<string, number>>;
  private readonly isPlain: boolean;

  constructor(names: readonly string[], shapes: readonly Shape[], parameters: Readonly<Record<string, number>>) {
    this.names = names;
    this.shapes = shapes;
    this.parameters = parameters;
    this.isPlain = shapes.every((shape) => shape.length === 0);
    let width = 0;
    this.offsets = shapes.map((shape) => {
      const offset = width;
      width += sizeOf(shape);
      return offset;
    });
    this.width = width;
  }

  checkGiven(given: readonly string[]): void {
    checkNames(this.names, [...new Set([...given, ...Object.keys(this.parameters)])]);
  }

  /**
   * Inputs as a row of numbers, with parameters where none is given.
   * @throws SoftmachineError for missing, extra or unsuitable inputs.
   */
  row(inputs: Inputs): number[] {
    checkRecord(inputs);
    const { names, parameters, isPlain } = this;
    const row = new Array<number>(this.width);
    let found = 0;
    for (let i = 0; i < names.length; i++) {
      const name = names[i];
      let value: GivenValue;
      if (Object.hasOwn(inputs, name)) {
        found++;
        value = inputs[name];
      } else {
        if (!Object.hasOwn(parameters, name)) this.checkGiven(Object.keys(inputs));
        value = parameters[name];
      }
      if (isPlain || this.shapes[i].length === 0) {
        if (typeof value !== "number")
          throw new SoftmachineError(`input "${name}" must be a number, not ${describe(value)}`);
        row[this.offsets[i]] = value;
      } else flatten(name, this.shapes[i], value, row, this.offsets[i]);
    }
    if (found !== Object.keys(inputs).length) this.checkGiven(Object.keys(inputs));
    return row;
  }

  /**
   * The columns of a batch.
   * @throws SoftmachineError for missing, extra or unsuitable inputs, and for numbers of rows that differ.
   */
  rows(inputs: BatchInputs, floats: (length: number) => Floats): Rows {
    checkRecord(inputs);
    const { names, parameters } = this;
    const strides: number[] = [];
    const arrays: Floats[] = [];
    let found = 0;
    for (const name of names) if (Object.hasOwn(inputs, name)) found++;
    if (found < names.length || found !== Object.keys(inputs).length) this.checkGiven(Object.keys(inputs));
    let count: number | undefined;
    let longest = "";
    for (let i = 0; i < names.length; i++) {
      const name = names[i];
      const value = Object.hasOwn(inputs, name) ? inputs[name] : parameters[name];
      const shape = this.shapes[i];
      if (typeof value === "number" || (Array.isArray(value) && shape.length > 0)) {
        const row: number[] = [];
        flatten(name, shape, value, row, 0);
        for (const item of row) arrays.push(floats(1).fill(item));
        strides.push(...row.map(() => 0));
        continue;
      }
      if (!isTyped(value))
        throw new SoftmachineError(
          `input "${name}" of a batch must be a typed array or ${shape.length === 0 ? "a number" : describeShape(shape)}, not ${describe(value)}`,
        );
      const size = sizeOf(shape);
      const length = value.length / size;
      if (!Number.isInteger(length))
        throw new SoftmachineError(
          `input "${name}" has ${value.length} numbers, which are no whole number of rows of ${describeShape(shape)}`,
        );
      if (count !== undefined && length !== count)
        throw new SoftmachineError(
          `inputs of a batch differ in length: "${longest}" has ${count} rows and "${name}" has ${length}`,
        );
      count = length;
      longest = name;
      if (size === 1) {
        arrays.push(value);
        strides.push(1);
        continue;
      }
      const columns = Array.from({ length: size }, () => floats(length));
      toColumns(value, columns);
      arrays.push(...columns);
      strides.push(...columns.map(() => 1));
    }
    return { count: count ?? 1, strides, arrays };
  }

  /** Something for each input, by name; `make` takes where the input's numbers begin, and its shape. */
  record<T>(make: (offset: number, shape: Shape) => T): Record<string, T> {
    const record: Record<string, T> = {};
    for (let i = 0; i < this.names.length; i++) define(record, this.names[i], make(this.offsets[i], this.shapes[i]));
    return record;
  }
}

/** For each input, the slopes of a value of the given shape in it, from `slopes`, those of its first element first. */
export function jacobianRecord(
  signature: Signature,
  shape: Shape,
  slopes: readonly number[],
): Record<string, NestedNumbers> {
  return signature.record((offset, inputShape) => {
    const rows = Array.from({ length: sizeOf(shape) }, (_, i) => {
      const start = i * signature.width + offset;
      return slopes.slice(start, start + sizeOf(inputShape));
    });
    return nest([...shape, ...inputShape], rows.flat());
  });
}

/** For each two inputs, the second derivatives, from `slopes`, those in the first number of the inputs first. */
export function hessianRecord(
  signature: Signature,
  slopes: readonly number[],
): Record<string, Record<string, NestedNumbers>> {
  const { width } = signature;
  return signature.record((first, shape) => {
    const start = first * width;
    return jacobianRecord(signature, shape, slopes.slice(start, start + sizeOf(shape) * width));
  });
}

/** Sets an own property whatever its name is, `__proto__` too. */
function define<T>(record: Record<string, T>, name: string, value: T): void {
  if (name !== "__proto__") record[name] = value;
  else Object.defineProperty(record, name, { value, enumerable: true, writable: true, configurable: true });
}

/** Rows after one another to columns. */
export function toColumns(rows: Floats, columns: readonly Floats[]): void {
  const size = columns.length;
  for (const [e, column] of columns.entries())
    for (let row = 0; row < column.length; row++) column[row] = rows[row * size + e];
}

/** Columns to rows after one another. */
export function toRows(columns: readonly Floats[], rows: Floats): void {
  const size = columns.length;
  for (const [e, column] of columns.entries())
    for (let row = 0; row < column.length; row++) rows[row * size + e] = column[row];
}
