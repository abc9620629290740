import { type Command, Option } from "commander";
import { defaultRegisters, printAssembly } from "../assembler/index.js";
import {
  compileProgram,
  defaultLibraryN,
  isForMachine,
  noProgram,
  printValueType,
  type Result,
  toolSchemas,
} from "../library/index.js";
import { SoftmachineError } from "../scheme/index.js";
import { add, build, diff, verify } from "./library-build.js";
import { runProgram } from "./library-run.js";
import { defaultPackage, readLibrary } from "./library-source.js";
import { describeProgram, listTable, type ShownProgram } from "./library-tables.js";
import { examples, jsonOption, sizeOption, wholeNumber } from "./option-values.js";
import { writeJson, writeText } from "./output.js";

interface LibraryOptions {
  readonly library?: string;
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
    .addOption(sizeOption(defaultLibraryN))
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
    .command("add")
    .description("verify programs against a package, and write it with them")
    .argument("<file>", "a .scm file, or a folder of them; they may call the package's programs by name")
    .option("--library <folder>", "the package", defaultPackage)
    .option("--out <folder>", "where the enlarged package is written (default: in its place)")
    .option("--replace", "take the new program where the package has one of its name")
    .addOption(jsonOption())
    .addHelpText("after", examples("softmachine library add my/twice.scm", "softmachine library add my/ --out mine"))
    .action(add);
  library
    .command("diff")
    .description("tell which programs were added, removed or changed from one package to another")
    .argument("<before>", "a package's folder")
    .argument("<after>", "another's")
    .addOption(jsonOption())
    .addHelpText("after", examples("softmachine library diff runs/library mine"))
    .action(diff);
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
    throw new SoftmachineError(noProgram(name, names));
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
