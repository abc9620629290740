import { SoftmachineError } from "../scheme/index.js";
import { UsageError } from "./failures.js";
import { readTextFile, standardInput } from "./text-file.js";

/** A program's text and where it came from. */
export interface ProgramSource {
  readonly text: string;
  /** The file's path, `<expression>` or `<standard input>`. */
  readonly name: string;
}

/** What the positional arguments are: a file, if there is one, and the rest. */
export interface Words {
  readonly file?: string;
  readonly assignments: readonly string[];
}

const assignmentPattern = /^[^=/\\]+=[^=]*$/;
const brokenAssignment = /^=|^[^=/\\]+=[^/\\]*=[^/\\]*$/;

/**
 * Tells a program's file from `name=value` inputs: the first word that is no assignment is the file.
 *
 * @throws UsageError for more than one file, and for what was meant as an input, as `=1` or `a==1`.
 */
export function splitWords(words: readonly string[]): Words {
  const broken = words.find((word) => brokenAssignment.test(word));
  if (broken !== undefined) throw new UsageError(`"${broken}" is neither a file nor name=value`);
  const files = words.filter((word) => !assignmentPattern.test(word));
  const assignments = words.filter((word) => assignmentPattern.test(word));
  if (files.length > 1) {
    throw new UsageError(`one program file is taken, not "${files.join('" and "')}"; inputs are given as name=value`);
  }
  return { ...(files.length === 1 ? { file: files[0] } : {}), assignments };
}

/**
 * The program that a command was given: -e TEXT, a file, or standard input, for `-` or when it is piped in.
 *
 * @throws UsageError when there is none, or more than one; SoftmachineError when the file can't be read.
 */
export async function readSource(file: string | undefined, expression: string | undefined): Promise<ProgramSource> {
  if (expression !== undefined) {
    if (file !== undefined) throw new UsageError(`give the program with -e or as the file "${file}", not both`);
    return notEmpty({ text: expression, name: "<expression>" });
  }
  if (file === undefined && process.stdin.isTTY) throw new UsageError(noProgram);
  if (file === undefined || file === standardInput) {
    const text = await readTextFile(standardInput);
    if (file === undefined && text.trim() === "") throw new UsageError(noProgram);
    return notEmpty({ text, name: standardInputName });
  }
  return notEmpty({ text: await readTextFile(file), name: file });
}

const standardInputName = "<standard input>";
const noProgram = "no program: give a FILE, - for standard input, or -e TEXT";

function notEmpty(source: ProgramSource): ProgramSource {
  if (source.text.trim() === "") throw new SoftmachineError(`${source.name}: the program is empty`);
  return source;
}

const assemblyFile = /\.(asm|s)$/i;

/** Whether a file holds assembly text rather than Scheme, by its name. */
const isAssemblyFile = (file: string | undefined): file is string => file !== undefined && assemblyFile.test(file);

const assemblyText =
  /^(\s*(;[^\n]*)?\n)*\s*\.(program|operands|grid|array|result|reserve|stack|entry|functions|data)\s/;

/** The same for what comes from standard input: assembly as we print it begins with a directive. */
export const isAssembly = (file: string | undefined, source: ProgramSource) =>
  isAssemblyFile(file) || (source.name === standardInputName && assemblyText.test(source.text));

/** Refuses assembly where a command takes Scheme alone. */
export function refuseAssembly(file: string | undefined): void {
  if (isAssemblyFile(file)) {
    throw new UsageError(`"${file}" is assembly: \`softmachine asm ${file} --run\` runs it`);
  }
}
