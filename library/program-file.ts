import {
  type CoreProgram,
  type Expression,
  evaluateReference,
  nearest,
  readProgram,
  SoftmachineError,
  Source,
  SourceError,
  type Span,
  suggestion,
  type Value,
} from "../scheme/index.js";
import { ProgramFiles } from "./program-files.js";
import { faultOf, parseValueType, printValueType, type ValueType, wholeNumber } from "./value-type.js";

/** An argument of a program, what it may be and what it means. */
export interface Operand {
  readonly name: string;
  readonly type: ValueType;
  readonly documentation: string;
}

/** What a program gives and what it means. */
export type Result = Omit<Operand, "name">;

/** A call of the program with its result, both in numbers of the language, not modulo anything. */
export interface Example {
  /** As it stands in the file: `(gcd 12 8) => 4`. */
  readonly text: string;
  readonly arguments: readonly Value[];
  readonly result: Value;
  readonly span: Span;
}

/** A program of the library as its file states it. */
export interface LibraryProgram {
  /** The file's name without `.scm`, and the function that is the program. */
  readonly name: string;
  /** The folder that the file is in, `/` between levels; empty at the top. */
  readonly subject: string;
  /** One paragraph, on one line. */
  readonly documentation: string;
  /** In the order of the function's parameters. */
  readonly operands: readonly Operand[];
  readonly result: Result;
  readonly examples: readonly Example[];
  /** How its time grows with its operands: `O(log b)`. */
  readonly complexity: string | undefined;
  /** Where the algorithm comes from. */
  readonly origin: string | undefined;
  readonly program: CoreProgram;
  /** The text of the whole program: the file's, then those of the programs in other files that it calls. */
  readonly source: string;
  /** Those programs, in the order of their texts. */
  readonly calls: readonly string[];
}

export interface ProgramFileOptions {
  /** The program's name: the file's, without `.scm`. */
  readonly name: string;
  readonly subject?: string;
  /** What messages call the file; by default the name with `.scm`. */
  readonly file?: string;
  /** The files among which it is: it may call the programs of the others. */
  readonly files?: ProgramFiles;
}

/** What a header may state after its documentation. Those with a name are of one operand each. */
const fields = {
  operand: { form: "operand a (0..20): what it means", named: true, typed: true, repeats: true },
  result: { form: "result (0..20): what it means", named: false, typed: true, repeats: false },
  example: { form: "example: (f 1 [2 3]) => 4", named: false, typed: false, repeats: true },
  complexity: { form: "complexity: O(log b)", named: false, typed: false, repeats: false },
  source: { form: "source: where the algorithm comes from", named: false, typed: false, repeats: false },
} as const satisfies Record<string, { form: string; named: boolean; typed: boolean; repeats: boolean }>;

type FieldName = keyof typeof fields;

const fieldNames = Object.keys(fields) as FieldName[];
const isFieldName = (word: string): word is FieldName => Object.hasOwn(fields, word);

/** One field of a header, its continuation lines included. */
interface Field {
  readonly field: FieldName;
  /** The operand that it is about. */
  readonly of: string;
  readonly type: ValueType;
  value: string;
  readonly span: Span;
}

interface Header {
  readonly documentation: string;
  readonly fields: readonly Field[];
}

const fieldPattern = /^([A-Za-z-]+)(?:\s+([^\s:()]+))?(?:\s*\(([^()]*)\))?\s*:(?:\s+|$)/;

/**
 * Reads a program of the library: a header of `;;;` lines, which is one paragraph of documentation, an empty `;;;` line
 * and the fields `operand`, `result`, `example`, `complexity` and `source` (a field goes on in lines indented by two spaces
 * or more), then definitions, of which the function named as the file is the program.
 * @throws SourceError where header or program are wrong, with the position.
 */
export function parseProgramFile(text: string, options: ProgramFileOptions): LibraryProgram {
  const {
    name,
    subject = "",
    file = `${name}.scm`,
    files = new ProgramFiles([{ name, subject, file, text }]),
  } = options;
  const source = new Source(text, file);
  const header = readHeader(source);
  const { source: whole, calls } = files.linked(name);
  const program = readProgram(whole, { entry: name });
  const operands = operandsOf(header, program, name);
  const top = { start: 0, end: 0 };
  const stated = header.fields.find(({ field }) => field === "result");
  if (stated === undefined)
    throw new SourceError(`the result is not documented: add ";;; ${fields.result.form}"`, source, top);
  const result = { type: stated.type, documentation: stated.value };
  const examples = header.fields
    .filter(({ field }) => field === "example")
    .map((field) => readExample(field, source, name, operands, result.type));
  if (examples.length === 0)
    throw new SourceError(`there is no example: add ";;; example: (${name} …) => …"`, source, top);
  const textOf = (wanted: FieldName) => header.fields.find(({ field }) => field === wanted)?.value;
  const [complexity, origin] = [textOf("complexity"), textOf("source")];
  const { documentation } = header;
  const code = { program, source: whole.text, calls };
  return { name, subject, documentation, operands, result, examples, complexity, origin, ...code };
}

function readHeader(source: Source): Header {
  const documentation: string[] = [];
  const found: Field[] = [];
  let paragraphEnded = false;
  for (const { content, span } of headerLines(source)) {
    if (content.trim() === "") {
      if (documentation.length > 0) paragraphEnded = true;
      continue;
    }
    const last = found[found.length - 1];
    if (last && /^\s/.test(content)) {
      last.value = `${last.value} ${content.trim()}`.trim();
      continue;
    }
    const field = readField(content, span, source, paragraphEnded || found.length > 0);
    if (field === undefined) documentation.push(content.trim());
    else {
      checkRepeat(field, found, source);
      found.push(field);
    }
  }
  if (documentation.length === 0) {
    const what = 'the program has no documentation: begin with ";;;" lines that say what it computes';
    throw new SourceError(what, source, { start: 0, end: 0 });
  }
  for (const { field, value, span } of found)
    if (value === "") throw new SourceError(`"${field}" says nothing: write ";;; ${fields[field].form}"`, source, span);
  return { documentation: documentation.join(" "), fields: found };
}

/** The `;;;` lines that stand before anything else: what follows the semicolons and one space, and where it stands. */
function* headerLines({ text }: Source): Iterable<{ content: string; span: Span }> {
  for (let start = 0; start < text.length; ) {
    const newline = text.indexOf("\n", start);
    const end = newline < 0 ? text.length : newline;
    const line = text.slice(start, end).trimEnd();
    const match = /^\s*;;; ?/.exec(line);
    if (match) {
      const content = line.slice(match[0].length);
      const from = start + match[0].length + (content.length - content.trimStart().length);
      yield { content, span: { start: from, end: start + line.length } };
    } else if (line.trim() !== "") return;
    start = end + 1;
  }
}

/** A line as a field; undefined while it may still be documentation. */
function readField(content: string, span: Span, source: Source, mustBeField: boolean): Field | undefined {
  const match = fieldPattern.exec(content);
  const word = match?.[1];
  if (match && word !== undefined && isFieldName(word)) {
    const { named, typed, form } = fields[word];
    const of = match[2] ?? "";
    const malformed = named === (of === "") || (match[3] !== undefined && !typed);
    if (malformed) throw new SourceError(`"${word}" is written ";;; ${form}"`, source, span);
    const type = match[3] === undefined ? wholeNumber : parseValueType(match[3]);
    if (typeof type === "string") throw new SourceError(type, source, span);
    return { field: word, of, type, value: content.slice(match[0].length).trim(), span };
  }
  if (word !== undefined && (mustBeField || nearest(word, fieldNames) !== undefined)) {
    const known = fieldNames.join(", ");
    throw new SourceError(
      `unknown field "${word}"${suggestion(word, fieldNames)}; the fields are ${known}`,
      source,
      span,
    );
  }
  if (mustBeField) {
    const what = `a field is needed here (${fieldNames.join(", ")}), as ";;; ${fields.operand.form}"; a line that goes on with one is indented by two spaces`;
    throw new SourceError(what, source, span);
  }
  return undefined;
}

function checkRepeat(field: Field, before: readonly Field[], source: Source): void {
  const { repeats } = fields[field.field];
  const twice = before.some(
    (other) => other.field === field.field && (!repeats || field.of !== "") && other.of === field.of,
  );
  if (!twice) return;
  const what = field.of === "" ? `"${field.field}"` : `operand "${field.of}"`;
  throw new SourceError(`${what} is documented twice`, source, field.span);
}

/** The program's operands in the order of its parameters, each with its documentation. */
function operandsOf(header: Header, program: CoreProgram, name: string): Operand[] {
  const { source, inputs } = program;
  const documented = header.fields.filter(({ field }) => field === "operand");
  const parameters = parametersOf(program, name);
  for (const { of, span } of documented) {
    if (parameters.some((parameter) => parameter.name === of)) continue;
    const names = parameters.map((parameter) => parameter.name);
    const known = names.length === 0 ? "it has none" : `it has ${names.map((operand) => `"${operand}"`).join(", ")}`;
    throw new SourceError(`"${name}" has no operand "${of}"${suggestion(of, names)}; ${known}`, source, span);
  }
  const operands = parameters.map((parameter) => {
    const field = documented.find(({ of }) => of === parameter.name);
    if (field !== undefined) return operandOf(field, source);
    const what = `operand "${parameter.name}" is not documented: add ";;; operand ${parameter.name}: …"`;
    throw new SourceError(what, source, parameter.span);
  });
  const free = inputs.find((input) => !parameters.some((parameter) => parameter.name === input));
  if (free !== undefined) {
    const what = `the program uses "${free}", which is neither defined nor an operand of "${name}"`;
    throw new SourceError(what, source, firstUse(program, free));
  }
  return operands;
}

/** An operand as its field states it; whole numbers are from 0, as the machine's values are. */
function operandOf({ of: name, type, value: documentation, span }: Field, source: Source): Operand {
  if (type.domain === "real") return { name, type, documentation };
  const low = Number.isFinite(type.low) ? type.low : 0;
  if (low < 0 || type.high < low)
    throw new SourceError(`whole numbers as operands are from 0, and (${printValueType(type)}) is not`, source, span);
  return { name, type: { ...type, low }, documentation };
}

/** The parameters of the entry as its definition names them, with their positions. */
function parametersOf(program: CoreProgram, name: string): { name: string; span: Span }[] {
  let { body } = program;
  while (body.kind === "let") body = body.body;
  if (body.kind !== "call" || body.callee !== name) return [];
  const { span: call } = body;
  // What a function uses of its surroundings is passed to it too, and stands at the call itself.
  return body.args.flatMap((arg) =>
    arg.kind === "variable" && arg.span !== call ? [{ name: arg.name, span: arg.span }] : [],
  );
}

/** Where a free variable stands first in the text. */
function firstUse({ functions, body }: CoreProgram, name: string): Span {
  let first: Span = { start: Number.POSITIVE_INFINITY, end: Number.POSITIVE_INFINITY };
  const work: Expression[] = [body, ...[...functions.values()].map((f) => f.body)];
  for (let node = work.pop(); node; node = work.pop()) {
    if (node.kind === "variable" && node.name === name && node.span.start < first.start) first = node.span;
    else if (node.kind === "primitive" || node.kind === "recur") work.push(...node.args);
    // A call passes on, at its own place, what its callee uses of its surroundings.
    else if (node.kind === "call") work.push(...node.args.filter(({ span }) => span !== node.span));
    else if (node.kind === "if") work.push(node.test, node.consequent, node.alternative);
    else if (node.kind === "let") work.push(node.value, node.body);
    else if (node.kind === "loop") work.push(...node.initial, node.body);
    else if (node.kind === "derivative") work.push(node.at, node.body);
  }
  return first;
}

function readExample(
  field: Field,
  source: Source,
  name: string,
  operands: readonly Operand[],
  result: ValueType,
): Example {
  const { value: text, span } = field;
  const fail = (what: string): never => {
    throw new SourceError(what, source, span);
  };
  const form = `(${[name, ...operands.map((operand) => operand.name)].join(" ")}) => result`;
  const match = /^\((.*)\)\s*=>\s*(.*)$/s.exec(text);
  const [called, ...words] = match === null ? [] : topLevelWords(match[1]);
  if (match === null || called === undefined) return fail(`an example is written ${form}, with numbers`);
  if (called !== name) fail(`this is an example of "${called}"; the program is "${name}"`);
  if (words.length !== operands.length)
    fail(`"${name}" takes ${operands.length} argument${operands.length === 1 ? "" : "s"}, not ${words.length}`);
  const value = (word: string, what: string, type: ValueType): Value => {
    let found: Value;
    try {
      found = evaluateReference(readProgram(asExpression(word)), {});
    } catch (error) {
      if (!(error instanceof SoftmachineError)) throw error;
      return fail(`${what}, "${word}", is not a number or an array of numbers; an example is written ${form}`);
    }
    const fault = faultOf(found, type);
    return fault === undefined ? found : fail(`${what}, "${word}", is not of type (${printValueType(type)}): ${fault}`);
  };
  const given = operands.map((operand, i) => value(words[i], `operand ${operand.name}`, operand.type));
  return { text, arguments: given, result: value(match[2], "the result", result), span };
}

/** A value as an expression of the language, where a matrix in brackets, `[[1 2] [3 4]]`, is none. */
const asExpression = (text: string) => text.replace(/^\s*\[\s*(\[.*\])\s*\]\s*$/s, "(mat $1)");

/** The words of a text that stand outside all brackets, and what stands within them whole. */
function topLevelWords(text: string): string[] {
  const words: string[] = [];
  let depth = 0;
  let word = "";
  for (const character of text) {
    if (character === "(" || character === "[") depth++;
    if (character === ")" || character === "]") depth--;
    if (depth === 0 && /\s/.test(character)) {
      if (word !== "") words.push(word);
      word = "";
    } else word += character;
  }
  return word === "" ? words : [...words, word];
}
