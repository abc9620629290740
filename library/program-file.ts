import {
  type CoreProgram,
  type Expression,
  nearest,
  parseNumber,
  readProgram,
  Source,
  SourceError,
  type Span,
  suggestion,
} from "../scheme/index.js";

/** An argument of a program and what it means. */
export interface Operand {
  readonly name: string;
  readonly documentation: string;
}

/** A call of the program with its result, both in numbers of the language, not modulo anything. */
export interface Example {
  /** As it stands in the file: `(gcd 12 8) => 4`. */
  readonly text: string;
  readonly arguments: readonly number[];
  readonly result: number;
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
  /** What the result means. */
  readonly result: string;
  readonly examples: readonly Example[];
  /** Where the algorithm comes from. */
  readonly origin: string | undefined;
  readonly program: CoreProgram;
}

export interface ProgramFileOptions {
  /** The program's name: the file's, without `.scm`. */
  readonly name: string;
  readonly subject?: string;
  /** What messages call the file; by default the name with `.scm`. */
  readonly file?: string;
}

/** What a header may state after its documentation. Those with a name are of one operand each. */
const fields = {
  operand: { form: "operand a: what it means", named: true, repeats: true },
  result: { form: "result: what it means", named: false, repeats: false },
  example: { form: "example: (f 1 2) => 3", named: false, repeats: true },
  source: { form: "source: where the algorithm comes from", named: false, repeats: false },
} as const satisfies Record<string, { form: string; named: boolean; repeats: boolean }>;

type FieldName = keyof typeof fields;

const fieldNames = Object.keys(fields) as FieldName[];
const isFieldName = (word: string): word is FieldName => Object.hasOwn(fields, word);

/** One field of a header, its continuation lines included. */
interface Field {
  readonly field: FieldName;
  /** The operand that it is about. */
  readonly of: string;
  value: string;
  readonly span: Span;
}

interface Header {
  readonly documentation: string;
  readonly fields: readonly Field[];
}

const fieldPattern = /^([A-Za-z-]+)(?:\s+([^\s:]+))?\s*:(?:\s+|$)/;
const examplePattern = /^\(\s*([^\s()]+)((?:\s+[^\s()]+)*)\s*\)\s*=>\s*([^\s()]+)$/;

/**
 * Reads a program of the library: a header of `;;;` lines, which is one paragraph of documentation, an empty `;;;` line
 * and the fields `operand`, `result`, `example` and `source` (a field goes on in lines indented by two spaces or more),
 * then definitions, of which the function named as the file is the program.
 * @throws SourceError where header or program are wrong, with the position.
 */
export function parseProgramFile(text: string, options: ProgramFileOptions): LibraryProgram {
  const { name, subject = "", file = `${name}.scm` } = options;
  const source = new Source(text, file);
  const header = readHeader(source);
  const program = readProgram(text, { name: file, entry: name });
  const operands = operandsOf(header, program, name);
  const examples = header.fields
    .filter(({ field }) => field === "example")
    .map((field) => readExample(field, source, name, operands));
  const top = { start: 0, end: 0 };
  const result = header.fields.find(({ field }) => field === "result")?.value;
  if (result === undefined)
    throw new SourceError(`the result is not documented: add ";;; ${fields.result.form}"`, source, top);
  if (examples.length === 0)
    throw new SourceError(`there is no example: add ";;; example: (${name} …) => …"`, source, top);
  const origin = header.fields.find(({ field }) => field === "source")?.value;
  return { name, subject, documentation: header.documentation, operands, result, examples, origin, program };
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
    const { named, form } = fields[word];
    const of = match[2] ?? "";
    if (named === (of === "")) throw new SourceError(`"${word}" is written ";;; ${form}"`, source, span);
    return { field: word, of, value: content.slice(match[0].length).trim(), span };
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
    const documentation = documented.find(({ of }) => of === parameter.name)?.value;
    if (documentation !== undefined) return { name: parameter.name, documentation };
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

function readExample(field: Field, source: Source, name: string, operands: readonly Operand[]): Example {
  const { value: text, span } = field;
  const fail = (what: string): never => {
    throw new SourceError(what, source, span);
  };
  const form = `(${[name, ...operands.map((operand) => operand.name)].join(" ")}) => result`;
  const match = examplePattern.exec(text);
  if (!match) return fail(`an example is written ${form}, with numbers`);
  const number = (word: string): number => {
    const value = parseNumber(word) ?? fail(`"${word}" is not a number; an example is written ${form}`);
    return Number.isFinite(value) ? value : fail(`the numbers of an example must be finite, and ${word} is not`);
  };
  if (match[1] !== name) fail(`this is an example of "${match[1]}"; the program is "${name}"`);
  const words = match[2].trim() === "" ? [] : match[2].trim().split(/\s+/);
  if (words.length !== operands.length)
    fail(`"${name}" takes ${operands.length} argument${operands.length === 1 ? "" : "s"}, not ${words.length}`);
  return { text, arguments: words.map(number), result: number(match[3]), span };
}
