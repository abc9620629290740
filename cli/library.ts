import { existsSync } from "node:fs";
import { type Command, Option } from "commander";
import { defaultRegisters, printAssembly } from "../assembler/index.js";
import { compile } from "../direct/index.js";
import {
  compileProgram,
  findPrograms,
  inputsOf,
  isForMachine,
  type Library,
  loadPackage,
  machineOperands,
  type PackagedProgram,
  printValueType,
  type Result,
  shapesOf,
  toolSchemas,
  writePackage,
} from "../library/index.js";
import { runExact } from "../machine/index.js";
import { messageOf, printValue, SoftmachineError, suggestion, type Value } from "../scheme/index.js";
import { given } from "./evaluators.js";
import { UsageError } from "./failures.js";
import { readValue } from "./input-values.js";
import { buildWithProgress, defaultPackage, openLibrary, readLibrary } from "./library-source.js";
import { describeProgram, listTable, reportTable, type ShownProgram } from "./library-tables.js";
import { examples, jsonOption, sizeOption, wholeNumber } from "./option-values.js";
import { note, writeJson, writeText } from "./output.js";
import { checkFolder } from "./text-file.js";

interface LibraryOptions {
  readonly library?: string;
  readonly json?: boolean;
}

interface BuildOptions {
  readonly programs?: string;
  readonly out: string;
  readonly n: number;
  readonly registers?: number;
  readonly checkN?: number;
  readonly json?: boolean;
}

/** The option for a library package's folder. */
export const libraryOption = () =>
  new Option(
    "--library <folder>",
    `a library package (default: ${defaultPackage}, else the programs that come with softmachine)`,
  );

/** `softmachine library`: the programs that come with softmachine, or one's own: built, verified, shown and run. */
export function configureLibrary(library: Command): void {
  library.addHelpText(
    "after",
    examples(
      "softmachine library list",
      "softmachine library show gcd",
      "softmachine library build --n 32 --out runs/library",
      "softmachine library verify",
      "softmachine library run gcd 12 8",
    ),
  );
  library
    .command("list")
    .description("list the programs")
    .addOption(libraryOption())
    .addOption(jsonOption())
    .addHelpText("after", examples("softmachine library list", "softmachine library list --json"))
    .action(list);
  library
    .command("show")
    .description("print a program's documentation, source and assembly")
    .argument("<name>", "the program")
    .addOption(libraryOption())
    .addOption(jsonOption())
    .addHelpText("after", examples("softmachine library show fibonacci"))
    .action(show);
  library
    .command("tools")
    .description("print each program as a tool for language models: its name, a description and a JSON Schema")
    .addOption(libraryOption())
    .addHelpText("after", examples("softmachine library tools"))
    .action(tools);
  library
    .command("build")
    .description("compile, verify and link programs, and write the package")
    .option("--programs <folder>", "a folder of .scm files (default: the programs that come with softmachine)")
    .option("--out <folder>", "the package's folder", defaultPackage)
    .addOption(sizeOption(32))
    .addOption(new Option("--registers <count>", "registers of the image (default: 16)").argParser(wholeNumber(1, 256)))
    .addOption(
      new Option("--check-n <size>", "verify on all inputs of this size (default: 16)").argParser(wholeNumber(2, 256)),
    )
    .addOption(jsonOption())
    .addHelpText(
      "after",
      examples("softmachine library build", "softmachine library build --programs my/ --out my-library"),
    )
    .action(build);
  library
    .command("verify")
    .description("check a package's hashes, then build it again from its own sources")
    .addOption(libraryOption())
    .addOption(jsonOption())
    .addHelpText("after", examples("softmachine library verify", "softmachine library verify --library report/library"))
    .action(verify);
  library
    .command("run")
    .description("run a program on the exact path and on the machine")
    .argument("<name>", "the program")
    .argument("[operands...]", "its operands, in order or as name=value")
    .addOption(libraryOption())
    .addOption(jsonOption())
    .addHelpText(
      "after",
      examples("softmachine library run gcd 12 8", "softmachine library run fibonacci a=0 b=1 depth=10"),
    )
    .action(runProgram);
}

/** The programs as they are shown: those of a package, or of the files that come with softmachine, not yet built. */
async function shownPrograms(options: LibraryOptions): Promise<readonly ShownProgram[]> {
  return (await readLibrary(options)).map((program) =>
    "program" in program && isForMachine(program)
      ? { ...program, assembly: printAssembly(compileProgram(program, defaultRegisters)) }
      : program,
  );
}

async function list(options: LibraryOptions): Promise<void> {
  const programs = await shownPrograms(options);
  if (!options.json) return writeText(listTable(programs));
  await writeJson(
    programs.map(({ name, subject, documentation, operands, result }) => ({
      name,
      subject,
      documentation,
      operands: operands.map(typed),
      result: typed(result),
    })),
  );
}

async function show(name: string, options: LibraryOptions): Promise<void> {
  const programs = await shownPrograms(options);
  const program = programs.find((candidate) => candidate.name === name);
  if (program === undefined) {
    const names = programs.map((candidate) => candidate.name);
    throw new SoftmachineError(
      `no program "${name}" in the library${suggestion(name, names)}; it holds ${names.join(", ")}`,
    );
  }
  if (!options.json) return writeText(describeProgram(program));
  const { subject, documentation, complexity, origin, source, assembly } = program;
  const [operands, result] = [program.operands.map(typed), typed(program.result)];
  const shown = program.examples.map(({ text }) => text);
  const facts = { name, subject, documentation, operands, result, examples: shown, complexity, origin };
  await writeJson({ ...facts, source, assembly });
}

/** With the type as a program's file writes it. */
const typed = <T extends Result>(item: T) => ({ ...item, type: printValueType(item.type) });

async function tools(options: LibraryOptions): Promise<void> {
  await writeJson(toolSchemas({ programs: await readLibrary(options) }));
}

async function build(options: BuildOptions): Promise<void> {
  checkFolder(options.out);
  const { n, registers, checkN } = options;
  const programs = await findPrograms(options.programs);
  const { library, reports } = await buildWithProgress({ programs, n, ...given({ registers, checkN }) });
  await writePackage(options.out, library);
  const failed = reports.filter(({ ok }) => !ok);
  if (options.json) await writeJson({ folder: options.out, n, hash: library.hash, programs: reports });
  else await writeText(reportTable(reports));
  note(
    `wrote ${options.out}: ${library.programs.length} programs, ${library.image.lines} instructions, hash ${library.hash.slice(0, 12)}`,
  );
  if (failed.length > 0) throw new SoftmachineError(`left out: ${failed.map(({ name }) => `"${name}"`).join(", ")}`);
}

async function verify(options: LibraryOptions): Promise<void> {
  const folder = options.library ?? (existsSync(defaultPackage) ? defaultPackage : undefined);
  const packaged = folder === undefined ? undefined : await loadPackage(folder);
  const programs = packaged?.programs.map(({ name, subject, text }) => ({ name, subject, file: `${name}.scm`, text }));
  const sizes = packaged === undefined ? {} : imageSizes(packaged);
  const { library, reports } = await buildWithProgress({ ...given({ programs }), ...sizes });
  const identical = packaged === undefined ? undefined : packaged.hash === library.hash;
  if (options.json) await writeJson({ folder, identical, hash: library.hash, programs: reports });
  else await writeText(reportTable(reports));
  const failed = reports.filter(({ ok }) => !ok);
  if (failed.length > 0)
    throw new SoftmachineError(`not verified: ${failed.map(({ name }) => `"${name}"`).join(", ")}`);
  if (identical) note(`${folder}: built again from its sources, it is the same to the byte`);
  else if (identical === false)
    note(`${folder}: all programs hold; it was built with other limits, so that its hash differs`);
}

const imageSizes = ({ manifest: { n, registers, memory } }: Library) => ({ n, registers, memory });

async function runProgram(name: string, words: readonly string[], options: LibraryOptions): Promise<void> {
  const library = await openLibrary(options);
  const program = library.program(name);
  const values = readOperands(program, words);
  const inputs = inputsOf(program.operands, values);
  const shapes = shapesOf(program.operands);
  const value = compile(program.source, { name: `${name}.scm`, entry: name, inputs: shapes }).evaluate<Value>(inputs);
  if (program.kind === "direct") {
    await (options.json ? writeJson({ program: name, operands: inputs, value }) : writeText(printValue(value)));
    return;
  }
  let machine: { value?: Value; steps?: number; n: number; reason?: string };
  try {
    const run = runExact(library.image, name, machineOperands(values));
    machine = { value: run.value, steps: run.steps, n: library.n };
  } catch (error) {
    if (!(error instanceof SoftmachineError)) throw error;
    machine = { n: library.n, reason: messageOf(error) };
  }
  if (options.json) return writeJson({ program: name, operands: inputs, value, machine });
  await writeText(printValue(value));
  note(
    machine.value === undefined
      ? `not on the machine: ${machine.reason}`
      : `on the machine: ${printValue(machine.value)} in ${machine.steps} steps (modulo ${machine.n})`,
  );
}

/** Operands in the program's order, given in that order or by name. */
function readOperands({ name: program, operands }: PackagedProgram, words: readonly string[]): Value[] {
  const names = operands.map((operand) => operand.name);
  const values = new Map<string, Value>();
  let place = 0;
  for (const word of words) {
    const at = word.indexOf("=");
    const name = at < 0 ? names[place++] : word.slice(0, at);
    const text = word.slice(at + 1);
    const value = readValue(text);
    if (value === undefined) throw new UsageError(`"${word}": "${text}" is not a number or an array of numbers`);
    if (name === undefined || !names.includes(name)) {
      const what =
        name === undefined
          ? `"${word}" is one operand too many`
          : `there is no operand "${name}"${suggestion(name, names)}`;
      throw new SoftmachineError(`${what}: "${program}" takes ${names.join(", ")}`);
    }
    if (values.has(name)) throw new UsageError(`operand "${name}" of "${program}" is given twice`);
    values.set(name, value);
  }
  const missing = names.filter((name) => !values.has(name));
  if (missing.length > 0)
    throw new SoftmachineError(`"${program}" needs ${missing.map((name) => `"${name}"`).join(", ")} too`);
  return names.map((name) => values.get(name) ?? Number.NaN);
}
