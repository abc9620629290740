import { compile, type DirectModule, fit as leastSquares, type NestedNumbers } from "../direct/index.js";
import {
  callTool,
  entriesOf,
  fromJsonNumbers,
  type JsonNumbers,
  type ToolProgram,
  toJsonNumbers,
} from "../library/index.js";
import { type Budget, DomainError, SoftmachineError } from "../scheme/index.js";
import { given } from "./evaluators.js";
import type { EvaluateArguments, FitArguments } from "./mcp-arguments.js";

/** What a language model may ask to be calculated. */
export type Calculation =
  | ({ readonly tool: "evaluate" } & EvaluateArguments)
  | ({ readonly tool: "fit" } & FitArguments)
  | { readonly tool: "run_program"; readonly program: ToolProgram; readonly operands: unknown };

/** Most numbers that a result may hold: what a language model may be expected to read. */
export const mostNumbers = 10_000;

/**
 * The result of a calculation, ready for JSON.
 * @throws SoftmachineError for a program that is wrong, inputs that don't fit it, a run without end, too large a result.
 */
export function calculate(calculation: Calculation, budget: Budget): Readonly<Record<string, unknown>> {
  switch (calculation.tool) {
    case "evaluate":
      return evaluate(calculation, budget);
    case "fit":
      return fitParameters(calculation, budget);
    case "run_program": {
      const { program, operands } = calculation;
      return { value: shown(callTool({ programs: [program] }, program.name, operands, budget)) };
    }
  }
}

function evaluate(
  { program, inputs: json = {}, entry, derivatives, strict }: EvaluateArguments,
  budget: Budget,
): Readonly<Record<string, unknown>> {
  const inputs = Object.fromEntries(
    entriesOf("inputs", json).map(([name, value]) => [name, fromJsonNumbers(name, value)]),
  );
  const options = { name: "program", ...budget, ...given({ entry }) };
  const module = compile(program, { ...options, domain: strict ? "strict" : "ieee" });
  const value = module.evaluate<NestedNumbers>(inputs);
  const result = { value: shown(value), ...derivativesOf(module, inputs, value, derivatives) };
  if (allFinite(value)) return result;
  try {
    compile(program, { ...options, domain: "strict" }).evaluate(inputs);
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    return { ...result, note: `not finite: ${error.message}` };
  }
  return result;
}

type Inputs = Readonly<Record<string, NestedNumbers>>;

function derivativesOf(
  module: DirectModule,
  inputs: Inputs,
  value: NestedNumbers,
  derivatives: EvaluateArguments["derivatives"],
): Readonly<Record<string, unknown>> {
  const width = Object.values(inputs).reduce<number>((sum, input) => sum + count(input), 0);
  if (derivatives === "none" || width === 0) return {};
  const isNumber = typeof value === "number";
  const numbers = count(value) * (derivatives === "second" ? width * (width + 1) : width);
  if (numbers > mostNumbers)
    throw new SoftmachineError(
      `the derivatives are ${numbers} numbers, and a result holds ${mostNumbers} at most: ask for fewer derivatives ("none" for the value alone)`,
    );
  if (!isNumber && derivatives === "second")
    throw new SoftmachineError('second derivatives are of a number, and the value is an array: ask for "first"');
  if (!isNumber) return { jacobian: byName(module.jacobian(inputs).jacobian) };
  if (derivatives === "first") return { gradient: byName(module.gradient<NestedNumbers>(inputs).gradient) };
  const { gradient, hessian } = module.hessian(inputs);
  const rows = Object.entries(hessian).map(([input, row]) => [input, byName(row)]);
  return { gradient: byName(gradient), hessian: Object.fromEntries(rows) };
}

function fitParameters(
  { program, entry, data, target, parameters, bounds = {}, sigma, method, starts, seed }: FitArguments,
  budget: Budget,
): Readonly<Record<string, unknown>> {
  const columns = Object.fromEntries(
    entriesOf("data", data).map(([column, cells]) => [column, columnOf(column, cells)]),
  );
  const module = compile(program, { name: "program", ...budget, ...given({ entry }) });
  const limits = Object.entries(bounds).map(([parameter, [low, high]]) => [
    parameter,
    [low ?? Number.NEGATIVE_INFINITY, high ?? Number.POSITIVE_INFINITY] as const,
  ]);
  const fitted = leastSquares(module, columns, {
    target,
    params: parameters,
    bounds: Object.fromEntries(limits),
    method,
    seed,
    ...given({ sigma, starts }),
  });
  const { params, errors, residualStandardError, rSquared, iterations, converged, rows, warnings } = fitted;
  return {
    parameters: Object.fromEntries(
      Object.entries(params).map(([parameter, value]) => [
        parameter,
        { value, standardError: toJsonNumbers(errors[parameter]) },
      ]),
    ),
    residualStandardError: toJsonNumbers(residualStandardError),
    rSquared: toJsonNumbers(rSquared),
    converged,
    iterations,
    rows,
    warnings,
  };
}

/** A column of data as JSON gave it: numbers, which are finite if a fit uses them, or one for all rows. */
function columnOf(column: string, cells: unknown): number | readonly number[] {
  if (typeof cells === "number") return cells;
  if (!Array.isArray(cells))
    throw new SoftmachineError(`column "${column}" must be an array of numbers, or a number for all rows`);
  const odd = cells.findIndex((cell: unknown) => typeof cell !== "number");
  if (odd < 0) return cells;
  const cell = JSON.stringify(cells[odd]);
  throw new SoftmachineError(`column "${column}", row ${odd}: ${cell} is not a number`);
}

const count = (value: NestedNumbers): number =>
  typeof value === "number" ? 1 : value.reduce<number>((sum, item) => sum + count(item), 0);

const allFinite = (value: NestedNumbers): boolean =>
  typeof value === "number" ? Number.isFinite(value) : value.every(allFinite);

function shown(value: NestedNumbers): JsonNumbers {
  const numbers = count(value);
  if (numbers <= mostNumbers) return toJsonNumbers(value);
  throw new SoftmachineError(`the value holds ${numbers} numbers, and a result ${mostNumbers} at most`);
}

const byName = (values: Readonly<Record<string, NestedNumbers>>) =>
  Object.fromEntries(Object.entries(values).map(([input, value]) => [input, toJsonNumbers(value)]));
