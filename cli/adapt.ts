import type { Command } from "commander";
import { InvalidArgumentError, Option } from "commander";
import { link, parseAssembly, printAssembly } from "../assembler/index.js";
import {
  type AdaptationTask,
  decompileWithConfidence,
  genericProgram,
  type HardProgram,
  hardProgramText,
  prove,
  type Trained,
  taskOnInputs,
  type Verdict,
  withoutIdleLines,
} from "../machine/index.js";
import { SoftmachineError } from "../scheme/index.js";
import { readInputRows, readOperandValues } from "./adapt-inputs.js";
import { type AdaptationSearch, searchFaster } from "./adapt-search.js";
import { registersOption } from "./asm.js";
import { Interrupted, UsageError } from "./failures.js";
import { linkAlone, readMachineSource } from "./machine-program.js";
import { entryOption, examples, expressionOption, jsonOption, sizeOption, wholeNumber } from "./option-values.js";
import { note, writeJson, writeText } from "./output.js";
import { readSource, splitWords } from "./program-source.js";
import { checkWritable, writeTextFile } from "./text-file.js";

interface AdaptOptions {
  readonly expression?: string;
  readonly entry?: string;
  readonly n: number;
  readonly registers?: number;
  readonly data?: string;
  readonly steps?: number;
  readonly starts: number;
  readonly iterations: number;
  readonly seed: number;
  readonly freezeLines?: readonly number[];
  readonly freezeFields?: readonly Field[];
  readonly freezeStart?: boolean;
  readonly out?: string;
  readonly json?: boolean;
}

const fields = ["op", "a", "b", "out", "k"] as const;
type Field = (typeof fields)[number];

/** `softmachine adapt`: a program made faster on the inputs that it will see, and proved right on them. */
export function configureAdapt(command: Command): void {
  command
    .argument("[file-or-inputs...]", "a .scm or .asm file, or - for standard input; and each operand's values")
    .addOption(expressionOption())
    .addOption(entryOption())
    .addOption(sizeOption())
    .addOption(registersOption())
    .option("--data <file>", "inputs as rows of CSV or JSON lines; a column `result` says what is wanted")
    .addOption(
      new Option("--steps <count>", "steps that a run may take (default: the program's most)").argParser(
        wholeNumber(1, 10_000),
      ),
    )
    .addOption(new Option("--starts <count>", "independent searches").argParser(wholeNumber(1, 10_000)).default(4))
    .addOption(
      new Option("--iterations <count>", "iterations of descent of each")
        .argParser(wholeNumber(1, 10_000_000))
        .default(3000),
    )
    .addOption(new Option("--seed <number>", "what is random follows from it").argParser(wholeNumber(0)).default(1))
    .addOption(
      new Option("--freeze-lines <list>", "lines that stay as they are, from 0, as 0..2,5").argParser(readLines),
    )
    .addOption(
      new Option("--freeze-fields <list>", `fields that stay as they are (${fields.join(", ")})`).argParser(readFields),
    )
    .option("--freeze-start", "the line where the program begins stays as it is")
    .option("-o, --out <file>", "write the faster program's assembly text to a file, which `softmachine asm` reads")
    .addOption(jsonOption())
    .addHelpText(
      "after",
      `${examples(
        'softmachine adapt -e "(* (+ a b) (+ a b))" a=0..3 b=2 --n 32 --iterations 400',
        "softmachine adapt gcd.scm --entry gcd a=1..7 b=2 --iterations 400 --starts 1 -o fast.asm",
        "softmachine adapt fast.asm a=1..7 b=2 --iterations 200 --freeze-lines 0 --freeze-fields out",
      )}\n\nAn operand's values are 3, or 1..5, or several with commas, or any: each as likely as another. Lines are those of
\`softmachine asm\`. The program found is run on every input where these are at most a million, else on some at random,
and rejected where it is wrong. Ctrl-C ends the search with what it has found.`,
    )
    .action(adapt);
}

function readLines(text: string): number[] {
  return text.split(",").flatMap((part) => {
    const [low, high = low, ...more] = part.split("..");
    if (
      more.length > 0 ||
      !/^\d+$/.test(low) ||
      !/^\d+$/.test(high) ||
      Number(high) < Number(low) ||
      Number(high) > 65_535
    )
      throw new InvalidArgumentError("It must be lines counted from 0, as 3, or 0..2,5.");
    return Array.from({ length: Number(high) - Number(low) + 1 }, (_, i) => Number(low) + i);
  });
}

function readFields(text: string): Field[] {
  return text.split(",").map((name) => {
    const field = fields.find((known) => known === name.trim());
    if (field === undefined) throw new InvalidArgumentError(`It must be of ${fields.join(", ")}, with commas between.`);
    return field;
  });
}

async function adapt(words: readonly string[], options: AdaptOptions): Promise<void> {
  const { file, assignments } = splitWords(words);
  const { data, n, out } = options;
  if (data !== undefined && assignments.length > 0)
    throw new UsageError(`inputs come from --data or as "${assignments[0]}", not both`);
  if (out !== undefined) checkWritable(out);
  const assembly = readMachineSource(file, await readSource(file, options.expression), options);
  const { image, entry } = linkAlone(assembly, options);
  const inputs =
    data === undefined
      ? { values: readOperandValues(assignments, entry.operands, n) }
      : { rows: await readInputRows(data, entry.operands, n) };
  const task = taskOnInputs(image, entry.name, inputs, options.steps === undefined ? {} : { steps: options.steps });
  const trained = trainedOf(image.lines, options);
  const before = prove(task, genericProgram(task));
  if (!before.proved) note(`the program is wrong as it is: ${failureOf(before)}`);
  const { starts, iterations, seed } = options;
  const search = await searchFaster(task, { starts, options: { iterations, seed, trained } });
  const faster = search.best === undefined ? undefined : provedProgram(task, search.best.program, trained, options);
  await (options.json
    ? writeJson(summary(task, before, faster, search))
    : writeText(resultText(task, before, faster, search)));
  if (faster === undefined && !before.proved)
    throw new SoftmachineError(
      `no program that is right on the inputs was found in ${starts} starts of ${iterations} iterations`,
    );
  if (out !== undefined) {
    if (faster === undefined) note(`nothing faster was found, and ${out} is not written`);
    else {
      writeTextFile(out, faster.plain);
      note(`wrote ${out}`);
    }
  }
  if (search.stopped) throw new Interrupted("stopped; what had been found is above");
}

function trainedOf(lines: number, { freezeLines = [], freezeFields = [], freezeStart }: AdaptOptions): Trained {
  const beyond = freezeLines.find((line) => line >= lines);
  if (beyond !== undefined)
    throw new UsageError(`--freeze-lines: there is no line ${beyond}; the program has lines 0 to ${lines - 1}`);
  return {
    ...(freezeLines.length === 0
      ? {}
      : { lines: Array.from({ length: lines }, (_, line) => line).filter((line) => !freezeLines.includes(line)) }),
    ...(freezeFields.length === 0 ? {} : { fields: fields.filter((field) => !freezeFields.includes(field)) }),
    ...(freezeStart ? { entry: false } : {}),
  };
}

/** A faster program, as text that reads back to it, and its proof. */
interface Faster {
  /** With how sure descent is of each line. */
  readonly text: string;
  readonly plain: string;
  readonly confidence: readonly number[];
  readonly verdict: Verdict;
}

/** What is proved is the text, read back and linked as `softmachine asm` does it. */
function provedProgram(task: AdaptationTask, program: HardProgram, trained: Trained, { n }: AdaptOptions): Faster {
  const size = { n, registers: task.image.registers };
  const whole = hardProgramText(task, program);
  const freezes = Object.keys(trained).length > 0;
  const plain = freezes ? whole : printAssembly(withoutIdleLines(task, parseAssembly(whole), size));
  const image = link([parseAssembly(plain)], size);
  const found = { image, constants: [] };
  const verdict = prove({ ...task, image }, found);
  if (!verdict.proved) throw new SoftmachineError(`the program found is rejected: ${failureOf(verdict)}\n${plain}`);
  const { text, confidence } = decompileWithConfidence({ ...task, image }, found, trained);
  return { text, plain, confidence, verdict };
}

function failureOf({ counterexample }: Verdict): string {
  if (counterexample === undefined) return "it fails on some input";
  return `from operands ${counterexample.operands.join(", ")} ${counterexample.wrong}`;
}

function summary(
  task: AdaptationTask,
  before: Verdict,
  faster: Faster | undefined,
  { starts, stopped }: AdaptationSearch,
) {
  return {
    program: task.program,
    before,
    ...(faster === undefined ? {} : { after: faster.verdict, assembly: faster.plain, confidence: faster.confidence }),
    ...{ starts, stopped },
  };
}

function resultText(
  task: AdaptationTask,
  before: Verdict,
  faster: Faster | undefined,
  { starts }: AdaptationSearch,
): string {
  const steps = ({ meanSteps, mostSteps }: Verdict) => `${meanSteps.toFixed(2)} steps on average, at most ${mostSteps}`;
  const was = before.proved ? steps(before) : "wrong";
  const successes = starts.filter(({ success }) => success).length;
  if (faster === undefined) return `${task.program}: ${was}; nothing faster was found in ${starts.length} starts`;
  const { verdict, text } = faster;
  const covered = verdict.exhaustive
    ? "right on every input"
    : "right on inputs drawn at random, of more than can be tried";
  return [
    `before  ${was}`,
    `after   ${steps(verdict)}`,
    `proof   ${covered}: ${verdict.runs} runs`,
    `found   by ${successes} of ${starts.length} starts`,
    "",
    "; behind each line, how sure a short descent from near the program is of it",
    text,
  ].join("\n");
}
