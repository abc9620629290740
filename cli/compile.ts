import { type Command, Option } from "commander";
import { printAssembly } from "../assembler/index.js";
import { type BinaryForm, binaryForms, compile as compileDirect, type EmitForm, emitForms } from "../direct/index.js";
import { given } from "./evaluators.js";
import { UsageError } from "./failures.js";
import { readParams } from "./input-values.js";
import { compileToAssembly } from "./machine-program.js";
import { choice, entryOption, examples, expressionOption, jsonOption, shapesOption } from "./option-values.js";
import { note, writeBytes, writeJson, writeText } from "./output.js";
import { readSource, refuseAssembly, splitWords } from "./program-source.js";
import { checkWritable, writeBinaryFile, writeTextFile } from "./text-file.js";

type Form = EmitForm | BinaryForm | "asm";
const forms: readonly Form[] = [...emitForms, ...binaryForms, "asm"];

interface CompileOptions {
  readonly expression?: string;
  readonly entry?: string;
  readonly emit: Form;
  readonly grad?: boolean;
  readonly shapes?: Record<string, number[]>;
  readonly params?: Record<string, number>;
  readonly dtype?: "float64" | "float32";
  readonly strict?: boolean;
  readonly output?: string;
  readonly json?: boolean;
}

/** Options of the exact path, which mean nothing to the machine. */
const exactOptions = ["grad", "shapes", "params", "dtype", "strict"] as const satisfies (keyof CompileOptions)[];

const formsText = `
Forms:
  ast anf graph slots   the stages of the exact path; graph is for Graphviz: pipe it to dot -Tsvg
  wat wasm              the SIMD kernel for batches, which imports a memory env.memory and exports
                        run(vectors, ...addresses): the byte address of each input's column, then of each result's,
                        of float64 numbers, 2 rows a vector, or float32, 4 rows. A parameter is one number for all rows.
                        wat names the columns
  js                    an ES module that needs nothing else: evaluate(inputs), gradient(inputs)
  torch jax             Python modules with the same two
  onnx                  a model with the output value
  asm                   assembly for the register machine

--grad adds the slopes: to graph, slots, wat, wasm (more results: d/dx of each input) and onnx (more outputs);
js, torch and jax have them without it.`;

/** `softmachine compile`: a program as text at one stage of its compilation, or in another language or format. */
export function configureCompile(command: Command): void {
  command
    .argument("[file]", "the program's file, or - for standard input")
    .addOption(expressionOption())
    .addOption(entryOption())
    .addOption(choice("--emit <form>", "the stage, or the language or format", forms, "anf"))
    .option("--grad", "the value with its derivative with respect to each input")
    .addOption(shapesOption())
    .addOption(
      new Option("--params <list>", "inputs with a value of their own where none is given, as g=9.81,L=1").argParser(
        readParams,
      ),
    )
    .addOption(choice("--dtype <type>", "arithmetic of the exact path", ["float64", "float32"]))
    .option("--strict", "compile the checks of operations' domains too")
    .option("-o, --output <file>", "write it to a file")
    .addOption(jsonOption())
    .addHelpText(
      "after",
      `${formsText}\n${examples(
        'softmachine compile -e "(* (+ a b) (+ a b))" --emit graph',
        "softmachine compile pendulum.scm --emit js -o pendulum.mjs",
        "softmachine compile pendulum.scm --params g=9.81 --dtype float32 --grad --emit wasm -o pendulum.wasm",
        "softmachine compile pendulum.scm --dtype float32 --emit onnx -o pendulum.onnx",
        'softmachine compile -e "(norm (matvec M v))" --shapes M=2x3,v=3 --emit torch -o norm.py',
        "softmachine compile gcd.scm --entry gcd --emit asm -o gcd.asm",
      )}`,
    )
    .action(compile);
}

async function compile(word: string | undefined, options: CompileOptions): Promise<void> {
  const { file, assignments } = splitWords(word === undefined ? [] : [word]);
  if (assignments.length > 0) throw new UsageError(`"${assignments[0]}": compile takes no inputs; run does`);
  refuseAssembly(file);
  const exact = exactOptions.find((name) => options[name] !== undefined);
  if (options.emit === "asm" && exact !== undefined)
    throw new UsageError(`--${exact} is for the exact path; --emit asm is for the machine`);
  if (options.grad && (options.emit === "ast" || options.emit === "anf"))
    throw new UsageError(
      `--emit ${options.emit} is of the program's text, which has no gradient; graph and slots have`,
    );
  const binary = binaryForms.some((form) => form === options.emit);
  if (binary && options.json) throw new UsageError(`--emit ${options.emit} gives bytes, which --json can't print`);
  if (binary && options.output === undefined && process.stdout.isTTY)
    throw new UsageError(`--emit ${options.emit} gives bytes, not text: name a file for them with -o, or pipe them on`);
  if (options.output !== undefined) checkWritable(options.output);
  const source = await readSource(file, options.expression);
  const { inputs, text } = emit(source, options);
  if (options.output !== undefined) {
    if (typeof text === "string") writeTextFile(options.output, text.endsWith("\n") ? text : `${text}\n`);
    else writeBinaryFile(options.output, text);
    note(`wrote ${options.output}`);
  } else if (typeof text !== "string") await writeBytes(text);
  else if (options.json) await writeJson({ form: options.emit, inputs, text });
  else await writeText(text);
}

function emit(
  source: { readonly text: string; readonly name: string },
  { emit: form, grad, entry, dtype, strict, shapes, params }: CompileOptions,
): { inputs: readonly string[]; text: string | Uint8Array } {
  if (form === "asm") {
    const assembly = compileToAssembly(source, given({ entry }));
    return { inputs: assembly.operands, text: printAssembly(assembly) };
  }
  const domain = strict ? ("strict" as const) : undefined;
  const options = { name: source.name, ...given({ entry, dtype, domain, inputs: shapes, params }) };
  const module = compileDirect(source.text, options);
  return { inputs: module.inputs, text: module.emit(form, { gradient: grad ?? false }) };
}
