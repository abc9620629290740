import { type Command, InvalidArgumentError, Option } from "commander";
import { type Bounds, compile, type Fit, type FitMethod, fitMethods, fit as leastSquares } from "../direct/index.js";
import { printNumber, SoftmachineError, suggestion } from "../scheme/index.js";
import { type DataTable, nameOfRow, numbersOf, readDataTable } from "./data-table.js";
import { given } from "./evaluators.js";
import { UsageError } from "./failures.js";
import { readAssignments, readNumber, readParams } from "./input-values.js";
import {
  choice,
  entryOption,
  examples,
  expressionOption,
  jsonOption,
  realNumber,
  wholeNumber,
} from "./option-values.js";
import { note, writeJson, writeText } from "./output.js";
import { readSource, refuseAssembly, splitWords } from "./program-source.js";
import { standardInput } from "./text-file.js";
import { textTable } from "./text-table.js";

interface FitCommandOptions {
  readonly expression?: string;
  readonly entry?: string;
  readonly data: string;
  readonly target: string;
  readonly params: string;
  readonly method: FitMethod;
  readonly starts?: number;
  readonly seed: number;
  readonly bounds?: Bounds;
  readonly sigma?: string;
  readonly maxIterations?: number;
  readonly tolerance?: number;
  readonly strict?: boolean;
  readonly json?: boolean;
}

/** `softmachine fit`: the parameters of a law from a table of measurements. */
export function configureFit(command: Command): void {
  command
    .argument("[file-or-inputs...]", "the program's file, or - for standard input; constant inputs as name=value")
    .addOption(expressionOption())
    .addOption(entryOption())
    .requiredOption("--data <file>", "measurements by column name, from CSV or JSON lines (- for standard input)")
    .requiredOption("--target <column>", "the column that the program's value is to match")
    .requiredOption("--params <list>", "the parameters to fit with their start values, as g=1,k=2")
    .addOption(choice("--method <name>", "the optimizer", fitMethods, "levenberg-marquardt"))
    .addOption(new Option("--starts <count>", "points to descend from (default: 8; adam: 1)").argParser(wholeNumber(1)))
    .addOption(new Option("--seed <number>", "chooses the further starts").argParser(wholeNumber(0)).default(1))
    .addOption(new Option("--bounds <list>", "limits of parameters, as g=0:20,k=0:").argParser(readBounds))
    .option("--sigma <column>", "the column that holds the target's standard deviations")
    .addOption(new Option("--max-iterations <count>", "iterations from each start").argParser(wholeNumber(1)))
    .addOption(
      new Option("--tolerance <share>", "reduction of the squares that ends a descent").argParser(
        realNumber(1e-300, 0.5),
      ),
    )
    .option("--strict", "keep out of what leaves an operation's domain, as (sqrt -1)")
    .addOption(jsonOption())
    .addHelpText(
      "after",
      examples(
        "softmachine fit law.scm --data measured.csv --target y --params g=1,k=2",
        'softmachine fit -e "(* A (sin (+ (* omega t) phi)))" --data swing.csv --target x --params A=1,omega=1,phi=0 --bounds omega=0:10 --starts 24',
        'softmachine fit -e "(* 2 pi (sqrt (/ L g)))" pi=3.141592653589793 --data periods.csv --target T --params g=9 --sigma dT --json',
      ),
    )
    .action(fit);
}

async function fit(words: readonly string[], options: FitCommandOptions): Promise<void> {
  const { file, assignments } = splitWords(words);
  refuseAssembly(file);
  const constants = readAssignments(assignments);
  const params = readParams(options.params);
  const programIsPiped = options.expression === undefined && (file === undefined || file === standardInput);
  if (options.data === standardInput && programIsPiped)
    throw new UsageError(
      "standard input can't be both the program and the data: give the program as a file or with -e",
    );
  const source = await readSource(file, options.expression);
  const module = compile(source.text, {
    name: source.name,
    domain: options.strict ? "strict" : "ieee",
    ...given({ entry: options.entry }),
  });
  const table = await readDataTable(options.data);
  const clash = Object.keys(constants).find((name) => table.columns.includes(name) || Object.hasOwn(params, name));
  if (clash !== undefined)
    throw new UsageError(
      `input "${clash}" is given as ${clash}=${constants[clash]} and as ${Object.hasOwn(params, clash) ? "a parameter" : `a column of ${table.name}`}`,
    );
  const unknown = Object.keys(constants).find((name) => !module.inputs.includes(name));
  if (unknown !== undefined)
    throw new SoftmachineError(`unknown input "${unknown}"${suggestion(unknown, module.inputs)}`);
  const columns = [
    options.target,
    ...module.inputs.filter((name) => !Object.hasOwn(params, name) && !Object.hasOwn(constants, name)),
    ...(options.sigma === undefined ? [] : [options.sigma]),
  ];
  const measured = Object.fromEntries(columns.map((name) => [name, finiteNumbersOf(table, name, options.target)]));
  const { target, method, seed, starts, bounds, sigma, maxIterations: iterations, tolerance } = options;
  const result = leastSquares(
    module,
    { ...constants, ...measured },
    { target, params, method, seed, ...given({ starts, bounds, sigma, iterations, tolerance }) },
  );
  for (const warning of result.warnings) note(`warning: ${warning}`);
  await (options.json ? writeJson(result) : writeText(fitText(result)));
}

/** Reads `g=0:20,k=0:`; an end that is left out is an infinity. */
function readBounds(text: string): Bounds {
  const end = (part: string, open: number) => (part.trim() === "" ? open : readNumber(part));
  return Object.fromEntries(
    text.split(",").map((item) => {
      const [, name, from, to] = /^\s*([^=:]+)=([^=:]*):([^=:]*)$/.exec(item) ?? [];
      const low = name === undefined ? undefined : end(from, Number.NEGATIVE_INFINITY);
      const high = name === undefined ? undefined : end(to, Number.POSITIVE_INFINITY);
      if (low === undefined || high === undefined)
        throw new InvalidArgumentError(`Bounds are written as g=0:20, or g=0: for no upper one; not "${item}".`);
      return [name.trim(), [low, high] as const];
    }),
  );
}

/** A column's numbers, none of them infinite or NaN. */
function finiteNumbersOf(table: DataTable, column: string, target: string): Float64Array {
  if (column === target && !table.columns.includes(column)) {
    const known = table.columns.map((name) => `"${name}"`).join(", ");
    throw new SoftmachineError(
      `${table.name} has no target column "${column}"${suggestion(column, table.columns)}; it has ${known}`,
    );
  }
  const numbers = numbersOf(table, column);
  const bad = numbers.findIndex((value) => !Number.isFinite(value));
  if (bad < 0) return numbers;
  throw new SoftmachineError(
    `${nameOfRow(table, bad)}: "${column}" is ${printNumber(numbers[bad])}, and a fit needs finite numbers`,
  );
}

/** The parameters as a table, and how good the fit is. */
function fitText({ params, errors, ...fit }: Fit): string {
  const table = textTable(
    ["parameter", "value", "standard error"],
    Object.entries(params).map(([name, value]) => {
      const error = errors[name];
      return [name, printNumber(rounded(value, error)), Number.isFinite(error) ? error.toPrecision(3) : "unknown"];
    }),
  );
  const facts: readonly (readonly [string, string])[] = [
    ["residual standard error", fit.residualStandardError.toPrecision(4)],
    ["R squared", fit.rSquared.toFixed(6)],
    ["rows", String(fit.rows)],
    ["iterations", `${fit.iterations} (${fit.method})`],
    ["converged", fit.converged ? "yes" : "no"],
  ];
  return [table, "", ...facts.map(([name, text]) => `${name.padEnd(23)}  ${text}`)].join("\n");
}

/** A value to the digits that its error leaves it, and four more; else to twelve. */
function rounded(value: number, error: number): number {
  const told = Number.isFinite(error) && error > 0 && value !== 0 ? Math.log10(Math.abs(value) / error) : 12;
  return Number(value.toPrecision(Math.min(15, Math.max(6, Math.ceil(told) + 4))));
}
