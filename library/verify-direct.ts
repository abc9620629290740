import { compile, type DirectModule } from "../direct/index.js";
import { seededRandom } from "../machine/index.js";
import {
  evaluateReference,
  numbersIn,
  printNumber,
  printValue,
  SoftmachineError,
  sizeOf,
  type Value,
  valueOfShape,
} from "../scheme/index.js";
import { centralDifference } from "./central-difference.js";
import { shuffledTuples } from "./operand-tuples.js";
import { inputsOf, rangesOf, shapesOf, valuesOf } from "./operands.js";
import type { LibraryProgram, Operand } from "./program-file.js";
import { printValueType, type ValueType } from "./value-type.js";
import { attempt, type DirectVerification, inStage, VerificationFailure, withOperands } from "./verification.js";
import { verifyExamples } from "./verify-exact.js";

/** How many inputs the checks of a program of real numbers draw. */
const pathInputs = 256;
const gradientInputs = 32;
/** The same of a program of whole numbers, and how long the reference may take for one. */
const wholeInputs = 64;
const mostWholeIterations = 20_000;

/** Elementary functions differ between the paths in their last bits, and cancellation may magnify that. */
const pathTolerance = 1e-9;
const slopeTolerance = 1e-4;

/** Where a range is open: from -3 to 3, or as far as this from the end that there is. */
const openRange = 3;
const openWidth = 10;

/**
 * Checks a program of real numbers: its examples; reference, single runs and batches against one another, on inputs drawn
 * from the operands' ranges; and the gradient against differences.
 * @throws VerificationFailure at the first check that it does not pass.
 */
export function verifyDirect(program: LibraryProgram, steps: number): DirectVerification {
  const { name, operands } = program;
  const examples = verifyExamples(program, undefined, { steps });
  const module = inStage("paths", () => moduleOf(program, steps));
  const rows = drawn(operands, pathInputs);
  const values = rows.map((row) => {
    const given = valuesOf(operands, row);
    return attempt(
      () => evaluateReference(program.program, inputsOf(operands, given), { iterations: steps }),
      (message) => {
        const what = `${withOperands(name, operands, given)}: the program has no value: ${message}`;
        throw new VerificationFailure("paths", what, given);
      },
    );
  });
  verifyResults(program, rows, values);
  verifyPaths(program, module, rows, values);
  const hasFinite = (value: Value) => numbersIn(value).every(Number.isFinite);
  const smooth = rows.filter((_, i) => hasFinite(values[i])).slice(0, gradientInputs);
  if (smooth.length === 0)
    throw new VerificationFailure("paths", `"${name}" has no finite value on ${rows.length} inputs of its ranges`);
  for (const row of smooth) verifySlopes(program, module, row);
  return { examples, paths: rows.length, gradient: smooth.length };
}

/**
 * Checks single runs and batches of a program of whole numbers against the reference, on operands of 0..n-1 in their ranges.
 * Where the reference has no value, since only modulo n the program ends, there is nothing to compare.
 * @returns on how many inputs.
 * @throws VerificationFailure with operands on which they differ.
 */
export function verifyWholePaths(program: LibraryProgram, n: number, limits: { readonly steps: number }): number {
  const { operands } = program;
  const iterations = Math.min(limits.steps, mostWholeIterations);
  const module = inStage("paths", () => moduleOf(program, limits.steps));
  const found = shuffledTuples(rangesOf(operands, n), wholeInputs).flatMap((row) => {
    try {
      const inputs = inputsOf(operands, valuesOf(operands, row));
      return [{ row, value: evaluateReference(program.program, inputs, { iterations }) }];
    } catch (error) {
      if (error instanceof SoftmachineError) return [];
      throw error;
    }
  });
  const rows = found.map(({ row }) => row);
  const values = found.map(({ value }) => value);
  verifyResults(program, rows, values);
  if (rows.length > 0) verifyPaths(program, module, rows, values);
  return rows.length;
}

/** Checks that the reference's values are what the program's file says of its result; of those that are not, the smallest fails. */
function verifyResults(
  { name, operands, result: { type } }: LibraryProgram,
  rows: readonly (readonly number[])[],
  values: readonly Value[],
): void {
  const isWrong = (x: number) =>
    x < type.low || x > type.high || (type.domain === "whole" && Number.isFinite(x) && !Number.isInteger(x));
  const size = (row: number) => rows[row].reduce((sum, x) => sum + Math.abs(x), 0);
  const [row] = [...values.keys()].filter((i) => numbersIn(values[i]).some(isWrong)).sort((a, b) => size(a) - size(b));
  if (row === undefined) return;
  const given = valuesOf(operands, rows[row]);
  const what = `the result, ${printValue(values[row])}, is not of type (${printValueType(type)})`;
  throw new VerificationFailure("paths", `${withOperands(name, operands, given)}: ${what}`, given);
}

/** A program on the exact path. */
function moduleOf({ name, operands, program: { source } }: LibraryProgram, iterations: number): DirectModule {
  return compile(source.text, { name: source.name, entry: name, inputs: shapesOf(operands), iterations });
}

/** Inputs drawn from their ranges, each as the numbers of its operands; the smallest first. */
function drawn(operands: readonly Operand[], count: number): number[][] {
  const random = seededRandom(1);
  const types = operands.flatMap(({ type }) => new Array<ValueType>(sizeOf(type.shape)).fill(type));
  const rows = Array.from({ length: count }, () => types.map((type) => draw(type, random)));
  const size = (row: readonly number[]) => row.reduce((sum, x) => sum + Math.abs(x), 0);
  return rows.sort((a, b) => size(a) - size(b));
}

function draw({ domain, ...range }: ValueType, random: () => number): number {
  const { low, high } = closed(range);
  if (domain === "whole") return low + Math.floor(random() * (high - low + 1));
  return low + random() * (high - low);
}

/** A range with both of its ends. */
function closed({ low, high }: Pick<ValueType, "low" | "high">): { low: number; high: number } {
  if (Number.isFinite(low)) return { low, high: Number.isFinite(high) ? high : low + openWidth };
  return Number.isFinite(high) ? { low: high - openWidth, high } : { low: -openRange, high: openRange };
}

/** Checks that single runs and a batch give the reference's values of some inputs. */
function verifyPaths(
  { name, operands }: LibraryProgram,
  module: DirectModule,
  rows: readonly (readonly number[])[],
  values: readonly Value[],
): void {
  const inputs = rows.map((row) => inputsOf(operands, valuesOf(operands, row)));
  const fail = (row: number, what: string): never => {
    const given = valuesOf(operands, rows[row]);
    throw new VerificationFailure("paths", `${withOperands(name, operands, given)}: ${what}`, given);
  };
  const batch = attempt(
    () => module.batch(columns(operands, rows)),
    (message) => {
      throw new VerificationFailure("paths", `"${name}": a batch has no value: ${message}`);
    },
  );
  const width = batch.length / rows.length;
  inputs.forEach((given, row) => {
    const single = attempt(
      () => module.evaluate<Value>(given),
      (message) => fail(row, `the exact path has no value: ${message}`),
    );
    const wanted = numbersIn(values[row]);
    const paths = {
      "a single run": numbersIn(single),
      "a batch": Array.from(batch.subarray(row * width, (row + 1) * width)),
    };
    for (const [path, found] of Object.entries(paths)) {
      const at = wanted.findIndex((x, i) => !isNear(x, found[i]));
      if (at >= 0) fail(row, `${path} gives ${printNumber(found[at])}, the reference ${printNumber(wanted[at])}`);
    }
  });
}

/** Each operand's numbers, row after row. */
function columns(operands: readonly Operand[], rows: readonly (readonly number[])[]): Record<string, Float64Array> {
  let at = 0;
  return Object.fromEntries(
    operands.map(({ name, type }) => {
      const start = at;
      at += sizeOf(type.shape);
      return [name, Float64Array.from(rows.flatMap((row) => row.slice(start, at)))];
    }),
  );
}

function isNear(x: number, y: number): boolean {
  return Object.is(x, y) || x === y || Math.abs(x - y) <= pathTolerance * Math.max(Math.abs(x), Math.abs(y));
}

/** The slopes of the sum of the value's numbers, against central differences with two widths, extrapolated. */
function verifySlopes({ name, operands }: LibraryProgram, module: DirectModule, row: readonly number[]): void {
  const shape = module.shape;
  const value = (numbers: readonly number[]) =>
    numbersIn(module.evaluate<Value>(inputsOf(operands, valuesOf(operands, numbers)))).reduce((sum, x) => sum + x, 0);
  const { gradient } = module.vjp(
    inputsOf(operands, valuesOf(operands, row)),
    valueOfShape(shape, new Array<number>(sizeOf(shape)).fill(1)),
  );
  const slopes = operands.flatMap((operand) => numbersIn(gradient[operand.name] as Value));
  const types = operands.flatMap(({ type }) => new Array<ValueType>(sizeOf(type.shape)).fill(type));
  const size = Math.abs(value(row));
  types.forEach((type, i) => {
    if (type.domain === "whole") return;
    const { low, high } = closed(type);
    const width = 1e-5 * Math.max(Math.abs(row[i]), (high - low) / 100);
    const x = Math.min(Math.max(row[i], low + width), high - width);
    if (x !== row[i]) return;
    const moved = (change: number) => value(row.map((other, j) => (j === i ? other + change : other)));
    const { slope: expected, uncertainty } = centralDifference(moved, width);
    const rounding = (64 * Number.EPSILON * size) / width;
    const allowed = slopeTolerance * Math.abs(expected) + 2 * uncertainty + rounding;
    if (Math.abs(slopes[i] - expected) <= allowed) return;
    const values = valuesOf(operands, row);
    const what = `the slope in its number ${i} is ${printNumber(slopes[i])}; differences give ${printNumber(expected)}`;
    throw new VerificationFailure("gradient", `${withOperands(name, operands, values)}: ${what}`, values);
  });
}
