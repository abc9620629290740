import { compile, type NestedNumbers } from "../direct/index.js";
import { type Budget, checkNames, SoftmachineError, suggestion, type Value } from "../scheme/index.js";
import { entriesOf, fromJsonNumbers } from "./json-values.js";
import type { Operand, Result } from "./program-file.js";
import { faultOf, wholeNumber } from "./value-type.js";

/** A program as a tool needs it: one of a `Library`, or a parsed file with its text. */
export interface ToolProgram {
  readonly name: string;
  readonly documentation: string;
  readonly operands: readonly Operand[];
  readonly result: Result;
  readonly examples: readonly { readonly text: string }[];
  /** The text of the whole program. */
  readonly source: string;
}

/** A JSON Schema (draft 2020-12) of one operand. */
export interface OperandSchema {
  readonly type: "integer" | "number" | "array";
  readonly description?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly items?: OperandSchema;
  readonly minItems?: number;
  readonly maxItems?: number;
}

/** A tool as interfaces of language models take it; some call `inputSchema` `input_schema` or `parameters`. */
export interface ToolSchema {
  /** The program's name, with `_` for what is not a letter, a digit, `_` or `-`. */
  readonly name: string;
  readonly description: string;
  readonly inputSchema: {
    readonly $schema: string;
    readonly type: "object";
    readonly properties: Readonly<Record<string, OperandSchema>>;
    readonly required: readonly string[];
    readonly additionalProperties: false;
  };
}

interface Programs {
  readonly programs: readonly ToolProgram[];
}

/** Each program of a library as a tool, in the library's order. */
export function toolSchemas({ programs }: Programs): ToolSchema[] {
  const names = toolNames(programs);
  return programs.map((program, i) => ({
    name: names[i],
    description: descriptionOf(program),
    inputSchema: {
      $schema: "https://json-schema.org/draft/2020-12/schema",
      type: "object",
      properties: Object.fromEntries(program.operands.map((operand) => [operand.name, operandSchema(operand)])),
      required: program.operands.map(({ name }) => name),
      additionalProperties: false,
    },
  }));
}

/**
 * Runs a program on the exact path, as a language model calls it.
 *
 * @param name the program's, or that of its tool.
 * @param operands the call's arguments as JSON gave them: values by name. They are checked.
 * @throws SoftmachineError for an unknown name, for operands that are not what the tool's schema says, and for a whole
 * number as the result that is too large to be exact; BudgetError.
 */
export function callTool({ programs }: Programs, name: string, operands: unknown, budget: Partial<Budget> = {}): Value {
  const names = toolNames(programs);
  const program = programs.find((candidate, i) => candidate.name === name || names[i] === name);
  if (program === undefined) {
    const known = programs.map((candidate) => candidate.name);
    throw new SoftmachineError(`no program "${name}" in the library${suggestion(name, known)}`);
  }
  const given = entriesOf("operands", operands).map(
    ([operand, json]) => [operand, fromJsonNumbers(operand, json)] as const,
  );
  checkNames(
    program.operands.map((operand) => operand.name),
    given.map(([operand]) => operand),
    "operand",
  );
  const inputs = Object.fromEntries(given);
  for (const { name: operand, type } of program.operands) {
    const fault = faultOf(inputs[operand], type);
    if (fault !== undefined) throw new SoftmachineError(`operand "${operand}" of "${program.name}": ${fault}`);
  }
  const shapes = Object.fromEntries(program.operands.map((operand) => [operand.name, operand.type.shape]));
  const options = { name: `${program.name}.scm`, entry: program.name, inputs: shapes, ...budget };
  const value = compile(program.source, options).evaluate<NestedNumbers & Value>(inputs);
  const { type } = program.result;
  const fault = type.domain === "whole" ? faultOf(value, { ...wholeNumber, shape: type.shape }) : undefined;
  if (fault !== undefined) throw new SoftmachineError(`the result of "${program.name}": ${fault}`);
  return value;
}

/** Names that interfaces of language models take, all different. */
function toolNames(programs: readonly ToolProgram[]): string[] {
  const taken = new Set<string>();
  return programs.map(({ name }) => {
    const plain = name.replace(/[^A-Za-z0-9_-]/g, "_").slice(0, mostNameCharacters);
    let free = plain;
    for (let i = 2; taken.has(free); i++) free = `${plain.slice(0, mostNameCharacters - 4)}_${i}`;
    taken.add(free);
    return free;
  });
}

const mostNameCharacters = 64;

function descriptionOf({ documentation, result, examples }: ToolProgram): string {
  const shown = examples.slice(0, 2).map(({ text }) => text);
  return [documentation, `Result: ${withUnit(result)}.`, `Example: ${shown.join("; ")}.`].join(" ");
}

function operandSchema(operand: Operand): OperandSchema {
  const { shape, domain, low, high } = operand.type;
  const maximum = domain === "whole" ? Math.min(high, Number.MAX_SAFE_INTEGER) : high;
  const number: OperandSchema = {
    type: domain === "whole" ? "integer" : "number",
    ...(Number.isFinite(low) ? { minimum: low } : {}),
    ...(Number.isFinite(maximum) ? { maximum } : {}),
  };
  const schema = shape.reduceRight<OperandSchema>(
    (items, length) => ({ type: "array", items, minItems: length, maxItems: length }),
    number,
  );
  return { ...schema, description: withUnit(operand) };
}

const withUnit = ({ documentation, type: { unit } }: Result) =>
  unit === undefined ? documentation : `${documentation} (in ${unit})`;
