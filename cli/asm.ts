import { type Command, Option } from "commander";
import { mostValues, printAssembly } from "../assembler/index.js";
import { printValue, type Shape } from "../scheme/index.js";
import { arrayShapes } from "./array-shapes.js";
import { UsageError } from "./failures.js";
import { readArrayAssignments } from "./input-values.js";
import { linkAlone, readMachineSource, refuseShapes, runOnMachine } from "./machine-program.js";
import {
  entryOption,
  examples,
  expressionOption,
  fixedPointOption,
  type GridRange,
  jsonOption,
  shapesOption,
  sizeOption,
  wholeNumber,
} from "./option-values.js";
import { note, writeJson, writeText } from "./output.js";
import { readSource, splitWords } from "./program-source.js";
import { checkWritable, writeTextFile } from "./text-file.js";

interface AsmOptions {
  readonly expression?: string;
  readonly entry?: string;
  readonly n: number;
  readonly registers?: number;
  readonly shapes?: Readonly<Record<string, Shape>>;
  readonly fixedPoint?: GridRange;
  readonly checkedIndices?: boolean;
  readonly run?: boolean;
  readonly steps?: number;
  readonly output?: string;
  readonly json?: boolean;
}

/** `softmachine asm`: a program as assembly text, checked by linking it, or run on the exact machine. */
export function configureAsm(command: Command): void {
  command
    .argument("[file-or-inputs...]", "a .scm or .asm file, or - for standard input; with --run, operands as name=value")
    .addOption(expressionOption())
    .addOption(entryOption())
    .addOption(sizeOption(16, mostValues))
    .addOption(registersOption())
    .addOption(shapesOption())
    .addOption(fixedPointOption())
    .option("--checked-indices", "check computed indices of arrays: outside of one a run does not halt")
    .option("--run", "run it on the exact machine and print r0")
    .addOption(stepsOption())
    .option("-o, --output <file>", "write the assembly text to a file")
    .addOption(jsonOption())
    .addHelpText(
      "after",
      examples(
        'softmachine asm -e "(if (< a b) b a)"',
        "softmachine asm gcd.scm --entry gcd -o gcd.asm",
        "softmachine asm gcd.asm --n 32 --run a=18 b=24",
        'softmachine asm -e "(ref v (modulo i 3))" --shapes v=3',
        'softmachine asm -e "(* 6.2832 (sqrt (/ l 9.81)))" --fixed-point 0:10 --n 256 --run l=2',
        'softmachine asm -e "(ref v (modulo i 3))" --run v=[5,7,9] i=4',
      ),
    )
    .action(asm);
}

/** The option for an image's registers. */
export const registersOption = () =>
  new Option(
    "--registers <count>",
    "registers of the machine (default: as many as the program needs, at most 16)",
  ).argParser(wholeNumber(1, 256));

/** The option for the exact machine's step budget. */
export const stepsOption = () =>
  new Option("--steps <count>", "steps that the machine may take (default: 1,000,000)").argParser(wholeNumber(1));

async function asm(words: readonly string[], options: AsmOptions): Promise<void> {
  const { file, assignments } = splitWords(words);
  if (!options.run && assignments.length > 0) {
    throw new UsageError(`"${assignments[0]}": operands are taken with --run only`);
  }
  if (options.run && options.output !== undefined) throw new UsageError("--run and --output exclude each other");
  if (options.output !== undefined) checkWritable(options.output);
  const source = await readSource(file, options.expression);
  refuseShapes(file, source, options);
  const inputs = readArrayAssignments(assignments);
  const shapes = { ...options.shapes, ...arrayShapes(inputs) };
  const assembly = readMachineSource(file, source, { ...options, shapes });
  const program = linkAlone(assembly, options);
  if (options.run) {
    const { value, steps, registers } = runOnMachine(program, inputs, options.steps);
    if (options.json) await writeJson({ value, steps, registers });
    else {
      await writeText(printValue(value));
      note(`${steps} steps with n = ${options.n}`);
    }
    return;
  }
  const text = printAssembly(assembly);
  if (options.output !== undefined) {
    writeTextFile(options.output, text);
    note(`wrote ${options.output}: ${assembly.instructions.length} instructions`);
  } else if (options.json) {
    const { name, operands, instructions } = assembly;
    const { n, registers } = program.image;
    await writeJson({ name, operands, n, registers, instructions: instructions.length, assembly: text });
  } else await writeText(text);
}
