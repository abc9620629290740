import type { Command } from "commander";
import { type Grid, lastPoint } from "../assembler/index.js";
import { numbersIn, printNumber, printValue, SoftmachineError, secondsText } from "../scheme/index.js";
import { registersOption } from "./asm.js";
import { type Comparison, compareOnEveryPath } from "./comparison.js";
import { given } from "./evaluators.js";
import { readArrayAssignments } from "./input-values.js";
import {
  entryOption,
  examples,
  expressionOption,
  fixedPointOption,
  type GridRange,
  jsonOption,
  sizeOption,
} from "./option-values.js";
import { writeJson, writeText } from "./output.js";
import type { PathOutcome } from "./path-outcome.js";
import { readSource, refuseAssembly, splitWords } from "./program-source.js";
import { type Cell, textTable } from "./text-table.js";

interface CompareOptions {
  readonly expression?: string;
  readonly entry?: string;
  readonly n: number;
  readonly registers?: number;
  readonly fixedPoint?: GridRange;
  readonly json?: boolean;
}

/** `softmachine compare`: one program on every path that can run it. */
export function configureCompare(command: Command): void {
  command
    .argument("[file-or-inputs...]", "the program's file, or - for standard input; inputs as name=value")
    .addOption(expressionOption())
    .addOption(entryOption())
    .addOption(sizeOption())
    .addOption(registersOption())
    .addOption(fixedPointOption())
    .addOption(jsonOption())
    .addHelpText(
      "after",
      `${examples(
        'softmachine compare -e "(* (+ a b) (- a 1))" a=3 b=2',
        "softmachine compare gcd.scm --entry gcd a=12 b=8 --n 32",
        'softmachine compare -e "(+ (dot v v) (ref v i))" v=[1,2,3] i=1',
        'softmachine compare -e "(* 6.2832 (sqrt (/ l 9.81)))" l=2 --fixed-point 0:10 --n 256',
      )}\n\nThe machines compute modulo n and are compared with the reference modulo n. It fails when any value disagrees.\nWith --fixed-point they compute on a grid of real numbers, are compared with one another, and how far off the\ngrid is is told.`,
    )
    .action(compare);
}

async function compare(words: readonly string[], options: CompareOptions): Promise<void> {
  const { file, assignments } = splitWords(words);
  refuseAssembly(file);
  const inputs = readArrayAssignments(assignments);
  const source = await readSource(file, options.expression);
  const { n, entry, registers, fixedPoint } = options;
  const comparison = compareOnEveryPath(source, inputs, { n, ...given({ entry, registers, fixedPoint }) });
  if (options.json) await writeJson(comparison);
  else await writeText(compareText(comparison));
  if (comparison.agreement) return;
  const wrong = comparison.paths.filter(({ agrees }) => agrees === false).map(({ path }) => path);
  throw new SoftmachineError(`not what the reference says: ${wrong.join(", ")}`);
}

/** A comparison as two tables: values with their times, and derivatives. */
export function compareText({ n, grid, inputs, paths }: Comparison): string {
  const table = textTable(
    ["path", "value", "agrees", "time each", "note"],
    paths.map((outcome): Cell[] => [
      outcome.path,
      outcome.value === undefined ? "-" : printValue(outcome.value),
      agreementText(outcome, grid === undefined ? n : undefined),
      outcome.seconds === undefined ? "" : secondsText(outcome.seconds),
      outcome.note ?? "",
    ]),
  );
  const ends = (g: Grid) => `${printNumber(g.lo)} to ${printNumber(lastPoint(g))}, ${printNumber(g.step)} apart`;
  const values = grid === undefined ? table : `${table}\n\nThe machines' grid: ${n} numbers from ${ends(grid)}.`;
  const names = Object.keys(inputs);
  const sloped = paths.filter(({ gradient }) => gradient !== undefined);
  if (names.length === 0 || sloped.length === 0) return values;
  const slopes = textTable(
    ["path", ...names.map((name) => `d/d${name}`), "note"],
    sloped.map(({ path, gradient = {}, gradientDifference }): Cell[] => [
      path,
      ...names.map((name) => (Object.hasOwn(gradient, name) ? printValue(gradient[name]) : "-")),
      gradientDifference !== undefined
        ? `${gradientDifference.toExponential(1)} from central differences`
        : path === "reference"
          ? "by central differences"
          : "change of the expected result to the next value",
    ]),
  );
  return `${values}\n\n${slopes}`;
}

/** @param n undefined where the machines are on a grid, and compared with the exact machine there. */
function agreementText({ agrees, expected, value, path }: PathOutcome, n: number | undefined): string {
  if (agrees === undefined || expected === undefined || value === undefined) return "";
  const direct = path.startsWith("direct");
  const modulo = direct ? "" : n === undefined ? " on the grid" : ` modulo ${n}`;
  const isSame = numbersIn(value).every((x, i) => Object.is(x, numbersIn(expected)[i]));
  if (agrees) return `yes${modulo}${isSame || !direct ? "" : ", within rounding"}`;
  return `no: ${printValue(expected)}${modulo}`;
}
