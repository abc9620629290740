import type { Command } from "commander";
import { printAssembly } from "../assembler/index.js";
import { compile as compileDirect, type EmitForm, emitForms } from "../direct/index.js";
import { given } from "./evaluators.js";
import { UsageError } from "./failures.js";
import { compileToAssembly } from "./machine-program.js";
import { choice, entryOption, examples, expressionOption, jsonOption } from "./option-values.js";
import { note, writeJson, writeText } from "./output.js";
import { readSource, refuseAssembly, splitWords } from "./program-source.js";
import { checkWritable, writeTextFile } from "./text-file.js";

type Form = EmitForm | "asm";
const forms: readonly Form[] = [...emitForms, "asm"];

interface CompileOptions {
  readonly expression?: string;
  readonly entry?: string;
  readonly emit: Form;
  readonly dtype?: "float64" | "float32";
  readonly strict?: boolean;
  readonly output?: string;
  readonly json?: boolean;
}

/** `softmachine compile`: a program as text at one stage of its compilation. */
export function configureCompile(command: Command): void {
  command
    .argument("[file]", "the program's file, or - for standard input")
    .addOption(expressionOption())
    .addOption(entryOption())
    .addOption(choice("--emit <form>", "the stage", forms, "anf"))
    .addOption(choice("--dtype <type>", "arithmetic of the exact path", ["float64", "float32"]))
    .option("--strict", "compile the checks of operations' domains too")
    .option("-o, --output <file>", "write the text to a file")
    .addOption(jsonOption())
    .addHelpText(
      "after",
      examples(
        'softmachine compile -e "(* (+ a b) (+ a b))" --emit slots',
        "softmachine compile gcd.scm --entry gcd --emit asm -o gcd.asm",
      ),
    )
    .action(compile);
}

async function compile(word: string | undefined, options: CompileOptions): Promise<void> {
  const { file, assignments } = splitWords(word === undefined ? [] : [word]);
  if (assignments.length > 0) throw new UsageError(`"${assignments[0]}": compile takes no inputs; run does`);
  refuseAssembly(file);
  if (options.emit === "asm" && (options.dtype !== undefined || options.strict)) {
    throw new UsageError("--dtype and --strict are for the exact path; --emit asm is for the machine");
  }
  if (options.output !== undefined) checkWritable(options.output);
  const source = await readSource(file, options.expression);
  const { inputs, text } = emit(source, options);
  if (options.output !== undefined) {
    writeTextFile(options.output, text.endsWith("\n") ? text : `${text}\n`);
    note(`wrote ${options.output}`);
  } else if (options.json) await writeJson({ form: options.emit, inputs, text });
  else await writeText(text);
}

function emit(
  source: { readonly text: string; readonly name: string },
  { emit: form, entry, dtype, strict }: CompileOptions,
): { inputs: readonly string[]; text: string } {
  if (form === "asm") {
    const assembly = compileToAssembly(source, given({ entry }));
    return { inputs: assembly.operands, text: printAssembly(assembly) };
  }
  const options = { name: source.name, ...given({ entry, dtype, domain: strict ? ("strict" as const) : undefined }) };
  const module = compileDirect(source.text, options);
  return { inputs: module.inputs, text: module.emit(form) };
}
