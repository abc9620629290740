import type { Command } from "commander";
import { explain as explainProgram, explanationText, type Ranges } from "../direct/index.js";
import { given } from "./evaluators.js";
import { UsageError } from "./failures.js";
import { readNumber } from "./input-values.js";
import { choice, entryOption, examples, expressionOption, jsonOption, shapesOption } from "./option-values.js";
import { writeJson, writeText } from "./output.js";
import { readSource, refuseAssembly, splitWords } from "./program-source.js";

interface ExplainOptions {
  readonly expression?: string;
  readonly entry?: string;
  readonly shapes?: Record<string, number[]>;
  readonly dtype?: "float64" | "float32";
  readonly json?: boolean;
}

/** `softmachine explain`: what may happen to a program whose inputs stay within ranges. */
export function configureExplain(command: Command): void {
  command
    .argument(
      "[file-or-ranges...]",
      "the program's file, or - for standard input; ranges as name=low:high or name=value",
    )
    .addOption(expressionOption())
    .addOption(entryOption())
    .addOption(shapesOption())
    .addOption(choice("--dtype <type>", "arithmetic of the exact path", ["float64", "float32"]))
    .addOption(jsonOption())
    .addHelpText(
      "after",
      `${examples(
        'softmachine explain -e "(sqrt (- 1 (square v)))" v=0:2',
        "softmachine explain pendulum.scm g=9.81 L=0.1:2 theta=-3:3 --json",
        'softmachine explain -e "(/ (ref v i) (norm v))" --shapes v=3 v=-1:1 i=0:2',
      )}\n\nInputs without a range may be any number; an array's range is that of each element. What is not reported can't happen; what is reported may not happen.`,
    )
    .action(explain);
}

async function explain(words: readonly string[], options: ExplainOptions): Promise<void> {
  const { file, assignments } = splitWords(words);
  refuseAssembly(file);
  const ranges = readRanges(assignments);
  const source = await readSource(file, options.expression);
  const { entry, dtype, shapes: inputs } = options;
  const explanation = explainProgram(source.text, { name: source.name, ranges, ...given({ entry, dtype, inputs }) });
  await (options.json ? writeJson(explanation) : writeText(explanationText(explanation)));
}

/**
 * Ranges given as `name=low:high` or `name=value`.
 *
 * @throws UsageError for what is no range, or a name given twice.
 */
function readRanges(assignments: readonly string[]): Ranges {
  const ranges = new Map<string, readonly [number, number]>();
  for (const assignment of assignments) {
    const at = assignment.indexOf("=");
    const name = assignment.slice(0, at).trim();
    const text = assignment.slice(at + 1);
    const ends = text.split(":").map(readNumber);
    const [low, high = low] = ends;
    if (ends.length > 2 || low === undefined || high === undefined || ends.includes(undefined) || !(low <= high))
      throw new UsageError(`"${assignment}": "${text}" is not a range, as 0:2, -1/3:1e3 or 5 are`);
    if (ranges.has(name)) throw new UsageError(`input "${name}" is given twice`);
    ranges.set(name, [low, high]);
  }
  return Object.fromEntries(ranges);
}
