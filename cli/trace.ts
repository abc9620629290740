import path from "node:path";
import { type Command, Option } from "commander";
import { mostMemory, mostValues, printInstruction } from "../assembler/index.js";
import { type Encoding, likeliest, likeliestValue } from "../machine/index.js";
import { percentText, type Shape } from "../scheme/index.js";
import { registersOption } from "./asm.js";
import { certaintyText, partName } from "./certainty-text.js";
import { given } from "./evaluators.js";
import { UsageError } from "./failures.js";
import { linkAlone, readMachineSource, refuseShapes } from "./machine-program.js";
import { haltedEnough, type MachineTrace, traceOnMachines } from "./machine-trace.js";
import { readDistributions, splitArrays } from "./operand-distributions.js";
import {
  choice,
  entryOption,
  examples,
  expressionOption,
  jsonOption,
  realNumber,
  shapesOption,
  sizeOption,
  wholeNumber,
} from "./option-values.js";
import { exactOutcome, mostProbable, softEnd, softOutcome, stepsText } from "./outcome-text.js";
import { jsonText, note, writeLines, writeText } from "./output.js";
import { readSource, splitWords } from "./program-source.js";
import { checkWritable, writeTextFile } from "./text-file.js";
import { type Cell, textTable } from "./text-table.js";

const machines = ["both", "exact", "soft"] as const;
const encodings: readonly Encoding[] = ["unit", "binary"];
/** Memory cells on bits where nothing is said: a state with as many as n would be too large to keep. */
const fewCells = 256;

interface TraceOptions {
  readonly expression?: string;
  readonly entry?: string;
  readonly n: number;
  readonly registers?: number;
  readonly cells?: number;
  readonly encoding: Encoding;
  readonly shapes?: Readonly<Record<string, Shape>>;
  readonly machine: (typeof machines)[number];
  readonly steps?: number;
  readonly sharpness?: number;
  readonly memory?: boolean;
  readonly html?: string;
  readonly svg?: string;
  readonly json?: boolean;
}

/** `softmachine trace`: a program's run on the exact and the soft machine, step by step. */
export function configureTrace(command: Command): void {
  command
    .argument("[file-or-operands...]", "a .scm or .asm file, or - for standard input; operands as name=value")
    .addOption(expressionOption())
    .addOption(entryOption())
    .addOption(sizeOption(16, mostValues))
    .addOption(registersOption())
    .addOption(choice("--encoding <how>", "how the soft machine writes values", encodings, "unit"))
    .addOption(
      new Option(
        "--cells <count>",
        `memory cells of the machine (default: n, in binary encoding at most ${fewCells})`,
      ).argParser(wholeNumber(1, mostMemory)),
    )
    .addOption(shapesOption())
    .addOption(choice("--machine <which>", "whose states are printed", machines, "both"))
    .addOption(new Option("--steps <count>", "steps to run (default: until it has halted)").argParser(wholeNumber(1)))
    .addOption(
      new Option("--sharpness <odds>", "soften the program: odds e^sharpness for each right field").argParser(
        realNumber(0, 700),
      ),
    )
    .option("--memory", "print memory too")
    .option("--html <file>", "write a page with a picture of the soft run beside the exact one")
    .option("--svg <file>", "write the picture alone")
    .addOption(jsonOption())
    .addHelpText(
      "after",
      `${examples(
        'softmachine trace -e "(if (< a b) b a)" a=3 b=5',
        'softmachine trace -e "(if (< a b) b a)" a=3,7 b=5:0.9,6:0.1 --machine soft',
        "softmachine trace gcd.scm --entry gcd a=12 b=any --html trace.html",
        'softmachine trace -e "(if (< a b) b a)" a=3000000000 b=5,7 --n 4294967296 --encoding binary',
        'softmachine trace -e "(ref v (modulo i 3))" v=[5,7,9] i=0,1',
      )}\n\nAn operand is a value, values of equal weight (3,5), values with weights (3:0.7,5:0.3), or any; the exact\nmachine runs from the most probable ones. In unit encoding the soft machine has a distribution over the n values;\nin binary encoding the probability that each bit is 1, and n may be any power of two up to 2^32. The elements of\nan array, v=[5,7,9], may be given one by one, with --shapes v=3: v[0]=5 v[1]=any v[2]=9.`,
    )
    .action(trace);
}

async function trace(words: readonly string[], options: TraceOptions): Promise<void> {
  const { html, svg, machine, steps, sharpness } = options;
  for (const file of [html, svg]) if (file !== undefined) checkWritable(file);
  if (html !== undefined && svg !== undefined && path.resolve(html) === path.resolve(svg))
    throw new UsageError(`--html and --svg both write "${svg}"`);
  const { file, assignments } = splitWords(words);
  const source = await readSource(file, options.expression);
  refuseShapes(file, source, options);
  const arrays = splitArrays(assignments);
  const shapes = { ...options.shapes, ...arrays.shapes };
  const { encoding, n } = options;
  const cells = options.cells ?? (encoding === "binary" ? Math.min(n, fewCells) : undefined);
  const linking = { ...options, ...given({ cells }) };
  const program = linkAlone(readMachineSource(file, source, { ...options, shapes }), linking);
  const operands = readDistributions(arrays.words, program.entry.operands, n);
  const soft = machine !== "exact" || html !== undefined || svg !== undefined;
  if (!soft && sharpness !== undefined) throw new UsageError("--sharpness is for the soft machine");
  const run = traceOnMachines(program, operands, { encoding, ...given({ steps, sharpness, soft }) });
  if (options.json) await writeLines(jsonLines(run, options));
  else await writeText(traceText(run, options));
  if (run.exactCut) note(`the exact machine has not halted after ${stepsText(run.exact.length)}`);
  if (soft && run.halted < haltedEnough) note(`the soft machine has ${softEnd(run)}`);
  await writePictures(run, options);
}

async function writePictures(run: MachineTrace, { html, svg }: TraceOptions): Promise<void> {
  if (html === undefined && svg === undefined) return;
  const { reportPage, softRunPicture } = await import("../experiments/index.js");
  const { softRunOf } = await import("./soft-run-report.js");
  const section = softRunOf(run);
  const title = `A soft run of ${section.name}`;
  if (html !== undefined) writeTextFile(html, await reportPage({ title, figures: [], softRuns: [section] }));
  if (svg !== undefined) writeTextFile(svg, await softRunPicture(section, "run", true));
  for (const file of [html, svg]) if (file !== undefined) note(`wrote ${file}`);
}

function traceText(run: MachineTrace, options: TraceOptions): string {
  const parts: string[] = [];
  if (options.machine !== "soft") parts.push(exactText(run, options.memory === true));
  if (options.machine !== "exact") parts.push(softText(run, options.memory === true));
  return parts.join("\n\n");
}

const numbered = (letter: string, count: number) => Array.from({ length: count }, (_, i) => `${letter}${i}`);

function exactText(run: MachineTrace, memory: boolean): string {
  const { program, exact } = run;
  const { image, assembly } = program;
  const cells = memory ? numbered("m", image.memorySize) : [];
  const headings = ["step", "line", "instruction", ...numbered("r", image.registers), ...cells];
  const rows = exact.map((step): Cell[] => [
    step.step,
    step.line,
    printInstruction(assembly.instructions[step.line]),
    ...step.registers,
    ...(memory ? step.memory : []),
  ]);
  return `${exactOutcome(run)}\n${textTable(headings, rows)}`;
}

/** The most probable value of each distribution, with its probability where that is not certain; entropies in bits. */
function softText(run: MachineTrace, memory: boolean): string {
  const { program, soft, result, encoding } = run;
  const { registers, memorySize, lines } = program.image;
  const cells = memory ? numbered("m", memorySize) : [];
  const headings = [
    "step",
    "halted",
    "H(line)",
    "H(registers)",
    "H(memory)",
    "line",
    ...numbered("r", registers),
    ...cells,
  ];
  const rows = soft.map((step): Cell[] => [
    step.step,
    step.halted.toFixed(3),
    step.counterEntropy.toFixed(2),
    sum(step.registerEntropies).toFixed(2),
    sum(step.memoryEntropies).toFixed(2),
    ...likeliestTexts(step.counter, lines, "unit"),
    ...likeliestTexts(step.registers, result.length, encoding),
    ...(memory ? likeliestTexts(step.memory, result.length, encoding) : []),
  ]);
  const certainty = certaintyText(run).join("\n");
  const table = textTable(headings, rows);
  const array = program.entry.result === undefined ? "" : " (r0, the address of an array; --memory prints its cells)";
  return `${softOutcome(run)}; entropies in bits\n${table}\n\n${certainty}\n\nresult, mixed over halting times: ${mostProbable(result, encoding)}${array}`;
}

/** What rounding may take from a probability of 1. */
const rounding = 1e-9;

const sum = (values: Float64Array) => values.reduce((total, value) => total + value, 0);

function likeliestTexts(rows: Float64Array, width: number, encoding: Encoding): string[] {
  return rowsOf(rows, width).map((row) => {
    const value = encoding === "unit" ? likeliest(row) : likeliestValue(row, 0, width);
    const p = encoding === "unit" ? row[value] : row.reduce((product, bit) => product * Math.max(bit, 1 - bit), 1);
    return p > 1 - rounding ? `${value}` : `${value} ${percentText(p, 0)}`;
  });
}

function* jsonLines({ program, exact, soft, losses, result }: MachineTrace, options: TraceOptions): Iterable<string> {
  const width = result.length;
  const steps = Math.max(
    options.machine === "soft" ? 0 : exact.length + 1,
    options.machine === "exact" ? 0 : soft.length,
  );
  for (let t = 0; t < steps; t++) {
    const hard = t === 0 ? undefined : exact[t - 1];
    const state = soft.at(t);
    yield jsonText({
      step: t,
      ...(hard === undefined || options.machine === "soft" ? {} : { exact: exactJson(hard, program, options) }),
      ...(state === undefined || options.machine === "exact"
        ? {}
        : {
            soft: {
              halted: state.halted,
              ...(t === soft.length - 1 ? { result } : {}),
              lost: losses.filter(({ step }) => step === t).map((loss) => partName(program, loss)),
              counter: state.counter,
              registers: rowsOf(state.registers, width),
              entropies: {
                counter: state.counterEntropy,
                registers: state.registerEntropies,
                memory: state.memoryEntropies,
              },
              ...(options.memory ? { memory: rowsOf(state.memory, width) } : {}),
            },
          }),
    });
  }
}

function exactJson(step: MachineTrace["exact"][number], { assembly }: MachineTrace["program"], options: TraceOptions) {
  const { line, next, halted, registers, memory } = step;
  const instruction = printInstruction(assembly.instructions[line]);
  return { line, instruction, next, halted, registers, ...(options.memory ? { memory } : {}) };
}

const rowsOf = (array: Float64Array, width: number) =>
  Array.from({ length: array.length / width }, (_, i) => array.subarray(i * width, (i + 1) * width));
