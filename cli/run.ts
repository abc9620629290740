import { type Command, Option } from "commander";
import { mostValues } from "../assembler/index.js";
import { checkNames, printValue, SoftmachineError } from "../scheme/index.js";
import { arrayShapes } from "./array-shapes.js";
import { registersOption, stepsOption } from "./asm.js";
import { type DataTable, nameOfRow, numbersOf, readDataTable, tableLines } from "./data-table.js";
import {
  type Columns,
  type Evaluator,
  type EvaluatorName,
  type EvaluatorOptions,
  evaluatorNames,
  type Inputs,
  makeEvaluator,
  RowFailure,
} from "./evaluators.js";
import { UsageError } from "./failures.js";
import { readArrayAssignments } from "./input-values.js";
import {
  addBudgetOptions,
  choice,
  entryOption,
  examples,
  expressionOption,
  jsonOption,
  wholeNumber,
} from "./option-values.js";
import { jsonText, writeJson, writeLines, writeText } from "./output.js";
import { readSource, refuseAssembly, splitWords } from "./program-source.js";
import { standardInput } from "./text-file.js";

interface RunOptions extends EvaluatorOptions {
  readonly expression?: string;
  readonly data?: string;
  readonly grad?: boolean;
  readonly path: EvaluatorName;
  readonly json?: boolean;
}

/** `softmachine run`: the value of a program, and its derivatives, for one set of inputs or for a table of them. */
export function configureRun(command: Command): void {
  command
    .argument("[file-or-inputs...]", "the program's file, or - for standard input; inputs as name=value")
    .addOption(expressionOption())
    .addOption(entryOption())
    .option("--data <file>", "inputs by column name, from CSV or JSON lines (- for standard input)")
    .option("--grad", "print the derivative with respect to each input too")
    .addOption(choice("--path <path>", "what runs it", evaluatorNames, "direct"))
    .addOption(choice("--dtype <type>", "arithmetic of the direct path", ["float64", "float32"]))
    .option("--strict", "refuse what leaves an operation's domain, as (sqrt -1), instead of going on with NaN")
    .addOption(
      new Option("--n <size>", "values of the machine are 0..n-1 (default: 16)").argParser(wholeNumber(2, mostValues)),
    )
    .addOption(registersOption())
    .addOption(stepsOption());
  addBudgetOptions(command)
    .addOption(jsonOption())
    .addHelpText(
      "after",
      examples(
        'softmachine run -e "(* (- 0 (/ g L)) (sin theta))" g=9.81 L=1 theta=0.3 --grad',
        "softmachine run pendulum.scm --data angles.csv g=9.81 L=1",
        'echo "(+ a b)" | softmachine run a=1/3 b=2',
        "softmachine run gcd.scm --entry gcd a=12 b=8 --path machine --n 32",
        'softmachine run -e "(dot v (matvec M v))" v=[1,2] M=[[2,1],[1,3]] --grad',
      ),
    )
    .action(run);
}

/** Options that mean something on some paths only. */
const pathsOf: Readonly<Record<string, readonly EvaluatorName[]>> = {
  grad: ["direct"],
  dtype: ["direct"],
  strict: ["direct", "reference"],
  iterations: ["direct", "reference"],
  frames: ["direct", "reference"],
  n: ["machine"],
  registers: ["machine"],
  steps: ["machine"],
};

function checkOptions(options: RunOptions): void {
  for (const [name, paths] of Object.entries(pathsOf)) {
    if (!(name in options) || paths.includes(options.path)) continue;
    throw new UsageError(`--${name} is for --path ${paths.join(" or ")}; this is --path ${options.path}`);
  }
}

async function run(words: readonly string[], options: RunOptions): Promise<void> {
  checkOptions(options);
  const { file, assignments } = splitWords(words);
  refuseAssembly(file);
  const inputs = readArrayAssignments(assignments);
  const programIsPiped = options.expression === undefined && (file === undefined || file === standardInput);
  if (options.data === standardInput && programIsPiped) {
    throw new UsageError(
      "standard input can't be both the program and the data: give the program as a file or with -e",
    );
  }
  const source = await readSource(file, options.expression);
  const evaluator = makeEvaluator(options.path, source, { ...options, shapes: arrayShapes(inputs) });
  if (options.data === undefined) await runOnce(evaluator, inputs, options);
  else await runOnTable(evaluator, await readDataTable(options.data), inputs, options);
}

async function runOnce(evaluator: Evaluator, inputs: Inputs, options: RunOptions): Promise<void> {
  if (options.grad && evaluator.gradient) {
    const { value, gradient } = evaluator.gradient(inputs);
    if (options.json) return writeJson({ value, gradient });
    const names = Object.keys(gradient);
    const width = Math.max(5, ...names.map((name) => name.length + 2));
    const lines = names.map((name) => `${`d/d${name}`.padEnd(width + 1)} ${printValue(gradient[name])}`);
    return writeLines([`${"value".padEnd(width + 1)} ${printValue(value)}`, ...lines]);
  }
  const value = evaluator.evaluate(inputs);
  await (options.json ? writeJson({ value }) : writeText(printValue(value)));
}

async function runOnTable(evaluator: Evaluator, table: DataTable, inputs: Inputs, options: RunOptions): Promise<void> {
  checkNames(evaluator.inputs, [...new Set([...Object.keys(inputs), ...evaluator.inputs])]);
  const both = Object.keys(inputs).find((name) => table.columns.includes(name));
  if (both !== undefined)
    throw new UsageError(
      `input "${both}" is given as ${both}=${printValue(inputs[both])} and as a column of ${table.name}`,
    );
  const columns: Columns = Object.fromEntries(
    evaluator.inputs.map((name) => [name, Object.hasOwn(inputs, name) ? inputs[name] : numbersOf(table, name)]),
  );
  const rows = table.rows.length;
  const shown = options.json ? { ...table, format: "jsonl" as const } : table;
  if (options.grad && evaluator.batchGradient) {
    const { batchGradient } = evaluator;
    const { value, gradient } = namingRow(table, () => batchGradient(columns, rows));
    const names = Object.keys(gradient);
    const slopes = (row: number) => names.map((name) => printValue(gradient[name](row)));
    if (shown.format === "csv") {
      await print(shown, ["value", ...names.map((name) => `d/d${name}`)], (row) => [value[row], ...slopes(row)]);
    } else {
      const asRecord = (row: number) => Object.fromEntries(names.map((name) => [name, gradient[name](row)]));
      await print(shown, ["value", "gradient"], (row) => [value[row], asRecord(row)]);
    }
    return;
  }
  const value = namingRow(table, () => evaluator.batch(columns, rows));
  await print(shown, ["value"], (row) => [value[row]]);
}

/** Runs a batch; a fault in a row names the file's row. */
function namingRow<T>(table: DataTable, batch: () => T): T {
  try {
    return batch();
  } catch (error) {
    throw error instanceof RowFailure
      ? new SoftmachineError(`${nameOfRow(table, error.row)}: ${error.message}`)
      : error;
  }
}

async function print(table: DataTable, added: readonly string[], cells: (row: number) => unknown[]): Promise<void> {
  const clash = added.find((column) => table.columns.includes(column));
  if (clash !== undefined) {
    throw new UsageError(`${table.name} has a column "${clash}" already, where the result goes: rename it`);
  }
  await writeLines(tableLines(table, added, cells, jsonText));
}
