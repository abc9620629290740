import type { Command } from "commander";
import { printAssembly } from "../assembler/index.js";
import { type BinaryForm, binaryForms, compile as compileDirect, type EmitForm, emitForms } from "../direct/index.js";
import { given } from "./evaluators.js";
import { UsageError } from "./failures.js";
import { compileToAssembly } from "./machine-program.js";
import { choice, entryOption, examples, expressionOption, jsonOption } from "./option-values.js";
import { note, writeJson, writeText } from "./output.js";
import { readSource, refuseAssembly, splitWords } from "./program-source.js";
import { checkWritable, writeBinaryFile, writeTextFile } from "./text-file.js";

type Form = EmitForm | BinaryForm | "asm";
const forms: readonly Form[] = [...emitForms, ...binaryForms, "asm"];

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
    .addOption(choice("--emit <form>", "the stage, or the language or format", forms, "anf"))
    .addOption(choice("--dtype <type>", "arithmetic of the exact path", ["float64", "float32"]))
    .option("--strict", "compile the checks of operations' domains too")
    .option("-o, --output <file>", "write it to a file")
    .addOption(jsonOption())
    .addHelpText(
      "after",
      examples(
        'softmachine compile -e "(* (+ a b) (+ a b))" --emit graph',
        "softmachine compile pendulum.scm --emit js -o pendulum.js",
        "softmachine compile pendulum.scm --dtype float32 --emit onnx -o pendulum.onnx",
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
  const binary = binaryForms.some((form) => form === options.emit);
  if (binary && (options.output === undefined || options.json)) {
    throw new UsageError(`--emit ${options.emit} gives bytes, not text: name a file for them with -o, without --json`);
  }
  if (options.output !== undefined) checkWritable(options.output);
  const source = await readSource(file, options.expression);
  const { inputs, text } = emit(source, options);
  if (options.output !== undefined) {
    if (typeof text === "string") writeTextFile(options.output, text.endsWith("\n") ? text : `${text}\n`);
    else writeBinaryFile(options.output, text);
    note(`wrote ${options.output}`);
  } else if (options.json) await writeJson({ form: options.emit, inputs, text });
  else await writeText(String(text));
}

function emit(
  source: { readonly text: string; readonly name: string },
  { emit: form, entry, dtype, strict }: CompileOptions,
): { inputs: readonly string[]; text: string | Uint8Array } {
  if (form === "asm") {
    const assembly = compileToAssembly(source, given({ entry }));
    return { inputs: assembly.operands, text: printAssembly(assembly) };
  }
  const options = { name: source.name, ...given({ entry, dtype, domain: strict ? ("strict" as const) : undefined }) };
  const module = compileDirect(source.text, options);
  return { inputs: module.inputs, text: module.emit(form) };
}
