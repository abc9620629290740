import { gridPoint } from "../assembler/index.js";
import { compile } from "../direct/index.js";
import { flash, initialState, LazyTable, oneHot, runExact, softRun, tabulatedCall } from "../machine/index.js";
import {
  type CoreProgram,
  evaluateReference,
  messageOf,
  type ReferenceOptions,
  readProgram,
  SoftmachineError,
  SourceError,
} from "../scheme/index.js";
import type { Inputs } from "./evaluators.js";
import { given } from "./evaluators.js";
import {
  compileToAssembly,
  linkAlone,
  type MachineProgram,
  orderedOperands,
  softStateSize,
} from "./machine-program.js";
import { type SoftValue, softMachineValue, tabulatedValue } from "./machine-slopes.js";
import type { GridRange } from "./option-values.js";
import type { ProgramSource } from "./program-source.js";
import { secondsPerCall } from "./timing.js";

/** What one path made of a program. */
export interface PathOutcome {
  readonly path: string;
  readonly value?: number;
  /** What the value is compared with: the reference's value, modulo n for the machines. */
  readonly expected?: number;
  readonly agrees?: boolean;
  /** Derivative by input; on the machines the change of the expected result to the input's next value. */
  readonly gradient?: Readonly<Record<string, number>>;
  /** The largest difference from the reference's gradient by differences. */
  readonly gradientDifference?: number;
  /** Time for one evaluation. */
  readonly seconds?: number;
  /** Why the path has no value, or a remark. */
  readonly note?: string;
}

export interface Comparison {
  readonly n: number;
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
/** The most numbers that a state of the soft machine may hold: 256 MiB of them. */
const mostSoftNumbers = 2 ** 25;
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
  const paths = [
    reference,
    ...directOutcomes(source, inputs, options, reference),
    ...machineOutcomes(source, program, inputs, options),
  ];
  return { n, inputs, paths, agreement: paths.every(({ agrees }) => agrees !== false) };
}

function numberOf(program: CoreProgram, inputs: Inputs, options: ReferenceOptions = {}): number {
  const value = evaluateReference(program, inputs, options);
  if (typeof value === "number") return value;
  throw new SoftmachineError("a comparison needs a program whose value is one number");
}

function referenceOutcome(program: CoreProgram, inputs: Inputs): PathOutcome & { value: number } {
  const value = numberOf(program, inputs);
  const slopes = program.inputs.map((name) => [name, centralDifference(program, inputs, name)] as const);
  const gradient = Object.fromEntries(slopes.flatMap(([name, slope]) => (slope === undefined ? [] : [[name, slope]])));
  const without = slopes.filter(([, slope]) => slope === undefined).map(([name]) => name);
  return {
    path: "reference",
    value,
    gradient,
    seconds: secondsPerCall(() => evaluateReference(program, inputs)),
    ...(without.length === 0
      ? {}
      : { note: `no difference in ${without.join(", ")}: it does not end beside its value` }),
  };
}

function byName(names: readonly string[], f: (name: string, index: number) => number): Record<string, number> {
  return Object.fromEntries(names.map((name, i) => [name, f(name, i)]));
}

/** Iterations that a run beside the inputs may take: a loop that counts down to 0 need not end from 9.001. */
const iterationsBeside = 200_000;

/**
 * Fourth-order central difference: its error is about ε^(4/5), relative to the scale of the function. Undefined where
 * the program does not end, or leaves its domain, beside the inputs.
 */
function centralDifference(program: CoreProgram, inputs: Inputs, name: string): number | undefined {
  const x = inputs[name];
  const h = 1e-3 * Math.max(1, Math.abs(x));
  const at = (k: number) => numberOf(program, { ...inputs, [name]: x + k * h }, { iterations: iterationsBeside });
  try {
    return (8 * (at(1) - at(-1)) - (at(2) - at(-2))) / (12 * h);
  } catch (error) {
    if (error instanceof SoftmachineError) return undefined;
    throw error;
  }
}

const agree = (a: number, b: number) =>
  Object.is(a, b) || a === b || Math.abs(a - b) <= tolerance * Math.max(Math.abs(a), Math.abs(b));

function largestDifference(a: Readonly<Record<string, number>>, b: Readonly<Record<string, number>>): number {
  const shared = Object.keys(a).filter((name) => Object.hasOwn(b, name));
  return Math.max(0, ...shared.map((name) => (Object.is(a[name], b[name]) ? 0 : Math.abs(a[name] - b[name]))));
}

function directOutcomes(
  source: ProgramSource,
  inputs: Inputs,
  { entry }: ComparisonOptions,
  reference: PathOutcome & { value: number },
): PathOutcome[] {
  const against = (path: string, run: () => { value: number; gradient: Record<string, number>; seconds: number }) =>
    attempt(path, () => {
      const { value, gradient, seconds } = run();
      const gradientDifference = largestDifference(gradient, reference.gradient ?? {});
      const agrees = agree(value, reference.value);
      return { value, expected: reference.value, agrees, gradient, gradientDifference, seconds };
    });
  const module = compile(source.text, { name: source.name, ...given({ entry }) });
  return [
    against("direct", () => {
      const { gradient } = module.gradient(inputs);
      return { value: module.evaluate(inputs), gradient, seconds: secondsPerCall(() => module.evaluate(inputs)) };
    }),
    against("direct, batch", () => {
      const batch = module.prepare(batchRows);
      for (const name of module.inputs) batch.inputs[name].fill(inputs[name]);
      batch.runGradient();
      const gradient = byName(module.inputs, (name) => batch.gradient[name][batchRows - 1]);
      const value = batch.output[batchRows - 1];
      return { value, gradient, seconds: secondsPerCall(() => batch.run()) / batchRows };
    }),
  ];
}

function machineOutcomes(
  source: ProgramSource,
  program: CoreProgram,
  inputs: Inputs,
  options: ComparisonOptions,
): PathOutcome[] {
  const { n } = options;
  const names = ["exact machine", "soft machine", "tabulated call"];
  let machine: MachineProgram;
  let operands: number[];
  try {
    machine = linkAlone(compileToAssembly(source, options), options);
    operands = orderedOperands(machine.assembly, inputs);
    runExact(machine.image, machine.entry.name, operands);
  } catch (error) {
    return names.map((path) => unable(path, error));
  }
  const { image, entry } = machine;
  if (image.tables !== undefined || entry.grid !== undefined)
    return gridOutcomes(machine, operands, numberOf(program, inputs));
  const expected = numberOf(program, inputs, { modulus: n });
  const soft = ({ value, probability, slopes }: SoftValue, seconds: number) => ({
    value,
    expected,
    agrees: value === expected && probability === 1,
    gradient: byName(entry.operands, (_, i) => slopes[i]),
    seconds,
  });
  return [
    attempt("exact machine", () => {
      const { result, steps } = runExact(image, entry.name, operands);
      const seconds = secondsPerCall(() => runExact(image, entry.name, operands));
      return { value: result, expected, agrees: result === expected, seconds, note: `${steps} steps` };
    }),
    attempt("soft machine", () => {
      if (softStateSize(image) > mostSoftNumbers) {
        throw new SoftmachineError(`its states with n = ${n} are too large to keep here`);
      }
      const { steps } = runExact(image, entry.name, operands);
      const flashed = flash(image);
      const state = initialState(image, entry.name, oneHot(operands, n), 1);
      const seconds = secondsPerCall(() => softRun(flashed, state, { steps }));
      return soft(softMachineValue(machine, operands), seconds);
    }),
    attempt("tabulated call", () => {
      const table = new LazyTable(image, entry.name);
      const distributions = oneHot(operands, n);
      const seconds = secondsPerCall(() => tabulatedCall(table, distributions, 1));
      return soft(tabulatedValue(table, operands), seconds);
    }),
  ];
}

/** What the machines make of a program on a grid, and how far that is from the program's value. */
function gridOutcomes(machine: MachineProgram, operands: readonly number[], exact: number): PathOutcome[] {
  const { image, entry } = machine;
  const { grid } = entry;
  if (grid === undefined) throw new Error("the program is on no grid");
  const off = (value: number): string => {
    const steps = Math.abs(value - exact) / grid.step;
    return `off by ${Math.abs(value - exact).toPrecision(3)}, ${steps.toPrecision(3)} steps of the grid`;
  };
  return [
    attempt("exact machine", () => {
      const { value, steps } = runExact(image, entry.name, operands);
      const seconds = secondsPerCall(() => runExact(image, entry.name, operands));
      return { value: Number(value), seconds, note: `${off(Number(value))}; ${steps} steps of the machine` };
    }),
    attempt("soft machine", () => {
      const { value, slopes } = softMachineValue(machine, operands);
      return {
        value: gridPoint(grid, value),
        gradient: byName(entry.operands, (_, i) => slopes[i]),
        note: off(gridPoint(grid, value)),
      };
    }),
    attempt("tabulated call", () => {
      const table = new LazyTable(image, entry.name);
      const { value, slopes } = tabulatedValue(table, operands);
      const distributions = oneHot(operands, image.n);
      const seconds = secondsPerCall(() => tabulatedCall(table, distributions, 1));
      const gradient = byName(entry.operands, (_, i) => slopes[i]);
      return { value: gridPoint(grid, value), gradient, seconds, note: off(gridPoint(grid, value)) };
    }),
  ];
}

/** A path's outcome, or in one line why it has none. */
function attempt(path: string, run: () => Omit<PathOutcome, "path">): PathOutcome {
  try {
    return { path, ...run() };
  } catch (error) {
    return unable(path, error);
  }
}

function unable(path: string, error: unknown): PathOutcome {
  if (!(error instanceof SoftmachineError)) throw error;
  const message = error instanceof SourceError ? error.what : messageOf(error);
  return { path, note: message.split("\n", 1)[0] };
}
