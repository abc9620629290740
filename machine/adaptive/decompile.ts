/** Programs back to assembly text. */
import {
  type Assembly,
  fieldsOf,
  type Immediate,
  type Operation,
  operationNumbered,
  printAssembly,
} from "../../assembler/index.js";
import { percentText } from "../../scheme/index.js";
import { entryOf } from "../exact.js";
import { fieldNames, fieldWidth, type SoftFields } from "../soft-program.js";
import { targetRegisters } from "./edits.js";
import { type AdaptiveParameters, discretise, distributionsOf, firstLine } from "./parameters.js";
import type { AdaptationTask, HardProgram } from "./task.js";

/** A program read off its distributions. */
export interface Decompiled {
  readonly program: HardProgram;
  readonly assembly: Assembly;
  /** The probability of each line: the product over its operation and the fields that this uses. */
  readonly confidence: readonly number[];
  /** The probability of each constant. */
  readonly constantConfidence: readonly number[];
  /** Assembly text, each line with its confidence behind it, after the constants. */
  readonly text: string;
}

/** A program, if not given that of the likeliest choices, with how likely its choices are. */
export function decompile(
  task: AdaptationTask,
  parameters: AdaptiveParameters,
  hard: HardProgram = discretise(task, parameters),
): Decompiled {
  const { program, constants } = distributionsOf(task, parameters);
  const { image } = hard;
  const of = (field: keyof SoftFields, line: number) =>
    program[field][line * fieldWidth(field, image) + image.instructions[field][line]];
  const [start, { end }] = [firstLine(image, task.program), entryOf(image, task.program)];
  const confidence = Array.from({ length: end - start }, (_, i) =>
    fieldsOf(operationNumbered(image, image.instructions.op[start + i])).reduce(
      (product, field) => product * of(field, start + i),
      of("op", start + i),
    ),
  );
  const constantConfidence = hard.constants.map((value, i) => constants[i * image.n + value]);
  const assembly = assemblyOf(task, hard, (line) => percentText(confidence[line]));
  const notes = hard.constants.map((value, i) => `${value} (${percentText(constantConfidence[i])})`);
  return { program: hard, assembly, confidence, constantConfidence, text: textOf(task, assembly, notes) };
}

/** A hard program's assembly text, after its constants. */
export function hardProgramText(task: AdaptationTask, program: HardProgram): string {
  const { comments } = program.image;
  const start = firstLine(program.image, task.program);
  return textOf(
    task,
    assemblyOf(task, program, (line) => comments[start + line]),
    program.constants.map(String),
  );
}

function textOf(task: AdaptationTask, assembly: Assembly, constants: readonly string[]): string {
  const given = assembly.operands.length - constants.length;
  const names = constants.map((text, i) => `r${given + i} = ${text}`);
  const head = names.length === 0 ? "" : `; ${task.program} begins with ${names.join(", ")}\n`;
  return head + printAssembly(assembly);
}

/**
 * Fields that an instruction does not use are 0. Immediate values that name lines are labels; values that registers hold
 * when a run begins are numbers, whatever they name.
 */
function assemblyOf(
  { program }: AdaptationTask,
  { image }: HardProgram,
  commentOf: (line: number) => string,
): Assembly {
  const { operands, grid, stackPointer, line: entryLine, end, labels: lineOf } = entryOf(image, program);
  const start = firstLine(image, program);
  const targets = targetRegisters(image.instructions);
  const labels = new Map<string, number>(entryLine === start ? [] : [["entry", entryLine - start]]);
  const immediate = (op: Operation, out: number, k: number): Immediate => {
    if (!(op === "call" || op === "store" || (op === "const" && targets.has(out)))) return k;
    const line = lineOf[k] ?? k % image.lines;
    if (line < start || line >= end) return k;
    const label = line === entryLine && labels.has("entry") ? "entry" : `line${line - start}`;
    labels.set(label, line - start);
    return { label };
  };
  const instructions = Array.from({ length: end - start }, (_, i) => {
    const numbers = Object.fromEntries(fieldNames.map((name) => [name, image.instructions[name][start + i]]));
    const op = operationNumbered(image, numbers.op);
    const used = new Set<string>(fieldsOf(op));
    const of = (name: "a" | "b" | "out" | "k") => (used.has(name) ? numbers[name] : 0);
    const comment = commentOf(i);
    return {
      op,
      a: of("a"),
      b: of("b"),
      out: of("out"),
      k: immediate(op, numbers.out, of("k")),
      ...(comment === "" ? {} : { comment }),
    };
  });
  return {
    ...{ name: program, operands, data: [], instructions },
    labels,
    ...(entryLine === start ? {} : { entry: "entry" }),
    ...(grid === undefined ? {} : { grid }),
    ...(stackPointer === undefined ? {} : { stackPointer }),
  };
}
