import type { Grid } from "../assembler/index.js";
import { compile } from "../direct/index.js";
import {
  type CoreProgram,
  evaluateReference,
  numbersIn,
  type ReferenceOptions,
  readProgram,
  SoftmachineError,
  shapeOf,
  type Value,
  valueOfShape,
} from "../scheme/index.js";
import { arrayShapes } from "./array-shapes.js";
import { given, type Inputs } from "./evaluators.js";
import { machineOutcomes } from "./machine-comparison.js";
import type { GridRange } from "./option-values.js";
import { attempt, type PathOutcome } from "./path-outcome.js";
import type { ProgramSource } from "./program-source.js";
import { secondsPerCall } from "./timing.js";

export interface Comparison {
  readonly n: number;
  /** The grid that the machines' numbers are on; absent where they are whole numbers modulo n. */
  readonly grid?: Grid;
  readonly inputs: Inputs;
  readonly paths: readonly PathOutcome[];
  /** Every path that has a value has the right one. */
  readonly agreement: boolean;
}

export interface ComparisonOptions {
  readonly entry?: string;
  /** Values of the machines are 0..n-1. */
  readonly n: number;
  readonly registers?: number;
  /** The ends of the grid that the machines' numbers are on. */
  readonly fixedPoint?: GridRange;
}

/** Rows of the batch whose time is measured. */
const batchRows = 1000;
/** Relative difference that elementary functions may have. */
const tolerance = 1e-12;

/**
 * Runs one program on every path that can run it.
 *
 * @throws SoftmachineError when the program is wrong, or its inputs are: then no path can.
 */
export function compareOnEveryPath(source: ProgramSource, inputs: Inputs, options: ComparisonOptions): Comparison {
  const { entry, n } = options;
  const program = readProgram(source.text, { name: source.name, ...given({ entry }) });
  const reference = referenceOutcome(program, inputs);
  const { outcomes, grid } = machineOutcomes(source, program, inputs, options);
  const paths = [reference, ...directOutcomes(source, inputs, options, reference), ...outcomes];
  return { n, ...given({ grid }), inputs, paths, agreement: paths.every(({ agrees }) => agrees !== false) };
}

function referenceOutcome(program: CoreProgram, inputs: Inputs): PathOutcome & { value: Value } {
  const value = evaluateReference(program, inputs);
  const seconds = secondsPerCall(() => evaluateReference(program, inputs));
  if (typeof value !== "number") return { path: "reference", value, seconds };
  const slopes = program.inputs.map((name) => [name, centralDifferences(program, inputs, name)] as const);
  const gradient = Object.fromEntries(slopes.flatMap(([name, slope]) => (slope === undefined ? [] : [[name, slope]])));
  const without = slopes.filter(([, slope]) => slope === undefined).map(([name]) => name);
  return {
    path: "reference",
    value,
    gradient,
    seconds,
    ...(without.length === 0
      ? {}
      : { note: `no difference in ${without.join(", ")}: it does not end beside its value` }),
  };
}

/** Iterations that a run beside the inputs may take: a loop that counts down to 0 need not end from 9.001. */
const iterationsBeside = 200_000;

/**
 * Fourth-order central differences along each number of an input: their error is about ε^(4/5), relative to the scale of
 * the function. Undefined where the program does not end, or leaves its domain, beside the inputs.
 */
function centralDifferences(program: CoreProgram, inputs: Inputs, name: string): Value | undefined {
  const { [name]: value } = inputs;
  const shape = shapeOf(value);
  const numbers = numbersIn(value);
  const options: ReferenceOptions = { iterations: iterationsBeside };
  try {
    const slopes = numbers.map((x, i) => {
      const h = 1e-3 * Math.max(1, Math.abs(x));
      const at = (k: number) => {
        const moved = valueOfShape(shape, numbers.with(i, x + k * h));
        return Number(evaluateReference(program, { ...inputs, [name]: moved }, options));
      };
      return (8 * (at(1) - at(-1)) - (at(2) - at(-2))) / (12 * h);
    });
    return valueOfShape(shape, slopes);
  } catch (error) {
    if (error instanceof SoftmachineError) return undefined;
    throw error;
  }
}

const near = (a: number, b: number) =>
  Object.is(a, b) || a === b || Math.abs(a - b) <= tolerance * Math.max(Math.abs(a), Math.abs(b));

const agree = (a: Value, b: Value) => {
  const [found, wanted] = [numbersIn(a), numbersIn(b)];
  return found.length === wanted.length && found.every((x, i) => near(x, wanted[i]));
};

type Gradient = Readonly<Record<string, Value>>;

function largestDifference(a: Gradient, b: Gradient): number {
  const shared = Object.keys(a).filter((name) => Object.hasOwn(b, name));
  const differences = shared.flatMap((name) => {
    const other = numbersIn(b[name]);
    return numbersIn(a[name]).map((x, i) => (Object.is(x, other[i]) ? 0 : Math.abs(x - other[i])));
  });
  return Math.max(0, ...differences);
}

function directOutcomes(
  source: ProgramSource,
  inputs: Inputs,
  { entry }: ComparisonOptions,
  reference: PathOutcome & { value: Value },
): PathOutcome[] {
  const against = (path: string, run: () => { value: Value; gradient: Gradient | undefined; seconds: number }) =>
    attempt(path, () => {
      const { value, gradient, seconds } = run();
      const agrees = agree(value, reference.value);
      const outcome = { value, expected: reference.value, agrees, seconds };
      if (gradient === undefined) return outcome;
      return { ...outcome, gradient, gradientDifference: largestDifference(gradient, reference.gradient ?? {}) };
    });
  const shapes = arrayShapes(inputs);
  const module = compile(source.text, { name: source.name, inputs: shapes, ...given({ entry }) });
  const hasGradient = module.shape.length === 0;
  return [
    against("direct", () => ({
      value: module.evaluate<Value>(inputs),
      gradient: hasGradient ? module.gradient<Value>(inputs).gradient : undefined,
      seconds: secondsPerCall(() => module.evaluate(inputs)),
    })),
    against("direct, batch", () => {
      const batch = module.prepare(batchRows);
      for (const name of module.inputs) {
        const numbers = numbersIn(inputs[name]);
        for (let row = 0; row < batchRows; row++) batch.inputs[name].set(numbers, row * numbers.length);
      }
      if (hasGradient) batch.runGradient();
      else batch.run();
      const last = (array: ArrayLike<number>, shape: readonly number[]) =>
        valueOfShape(shape, array, (array.length / batchRows) * (batchRows - 1));
      const slopes = module.inputs.map((name) => [name, last(batch.gradient[name] ?? [], shapes[name] ?? [])]);
      return {
        value: last(batch.output, module.shape),
        gradient: hasGradient ? Object.fromEntries(slopes) : undefined,
        seconds: secondsPerCall(() => batch.run()) / batchRows,
      };
    }),
  ];
}
