import { SourceError } from "./errors.js";
import type { Source, Span } from "./source.js";

/** What the reader makes of a text: numbers (`#t` and `#f` among them, as 1 and 0), symbols and lists. */
export type Datum =
  | { readonly kind: "number"; readonly value: number; readonly span: Span }
  | { readonly kind: "symbol"; readonly name: string; readonly span: Span }
  | List;

export interface List {
  readonly kind: "list";
  readonly items: readonly Datum[];
  /** Written with square brackets. */
  readonly bracket: boolean;
  readonly span: Span;
}

/** Whether a datum is a symbol, of that name if one is given. */
export const isSymbol = (datum: Datum | undefined, name?: string): datum is Extract<Datum, { kind: "symbol" }> =>
  datum?.kind === "symbol" && (name === undefined || datum.name === name);

/** Deepest nesting of lists that is read; later stages recur on it. */
export const nestingLimit = 1000;

const decimal = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const rational = /^[+-]?\d+\/\d+$/;
const numberLike = /^([+-]?\.?\d|[+-](inf|nan)(\W|$))/i;
const special: ReadonlyMap<string, number> = new Map([
  ["+inf.0", Number.POSITIVE_INFINITY],
  ["-inf.0", Number.NEGATIVE_INFINITY],
  ["+nan.0", Number.NaN],
  ["-nan.0", Number.NaN],
  ["#t", 1],
  ["#true", 1],
  ["#f", 0],
  ["#false", 0],
]);
const atom = /[^\s()[\]{}"';,`|]+/y;
const space = /\s+/y;
const lineEnd = /[\r\n]|$/g;

/** A numeral's value as the language reads it, in either case, or undefined when the text is no numeral. */
export function parseNumber(text: string): number | undefined {
  const named = special.get(text.toLowerCase());
  if (named !== undefined) return named;
  if (decimal.test(text)) return Number(text);
  if (!rational.test(text)) return undefined;
  const [numerator, denominator] = text.split("/").map(Number);
  if (denominator === 0 || !Number.isFinite(numerator) || !Number.isFinite(denominator)) return undefined;
  return numerator / denominator;
}

interface Open {
  readonly items: Datum[];
  readonly bracket: boolean;
  readonly start: number;
  /** How many of the data to come follow a `#;` and are dropped. */
  dropNext: number;
}

/**
 * Reads every datum of a text: R7RS syntax for lists, numbers and comments, with `[a b]` as a second kind of list.
 * Iterative, so that nesting can't exhaust the stack.
 * @throws SourceError at what can't be read.
 */
export function read(source: Source): Datum[] {
  const { text } = source;
  const top: Open = { items: [], bracket: false, start: 0, dropNext: 0 };
  const stack: Open[] = [top];
  let current = top;
  let at = 0;
  const fail = (what: string, start: number, end = start + 1): never => {
    throw new SourceError(what, source, { start, end });
  };
  const add = (datum: Datum) => {
    if (current.dropNext > 0) current.dropNext--;
    else current.items.push(datum);
  };
  while (at < text.length) {
    const c = text[at];
    space.lastIndex = at;
    if (space.test(text)) {
      at = space.lastIndex;
    } else if (c === ";") {
      lineEnd.lastIndex = at;
      at = lineEnd.exec(text)?.index ?? text.length;
    } else if (text.startsWith("#|", at)) {
      at = skipBlockComment(text, at) ?? fail("this comment is never closed by |#", at, at + 2);
    } else if (text.startsWith("#;", at)) {
      current.dropNext++;
      at += 2;
    } else if (c === "(" || c === "[") {
      if (stack.length > nestingLimit) fail(`nested deeper than ${nestingLimit} levels`, at);
      current = { items: [], bracket: c === "[", start: at, dropNext: 0 };
      stack.push(current);
      at++;
    } else if (c === ")" || c === "]") {
      if (current === top) fail(`this "${c}" closes nothing`, at);
      const wanted = current.bracket ? "]" : ")";
      if (c !== wanted)
        fail(
          `"${c}" where "${wanted}" is needed to close the "${current.bracket ? "[" : "("}" at ${source.at({ start: current.start, end: at })}`,
          at,
        );
      if (current.dropNext > 0) fail("#; has no datum after it to leave out", at);
      stack.pop();
      const { items, bracket, start } = current;
      current = stack[stack.length - 1];
      at++;
      add({ kind: "list", items, bracket, span: { start, end: at } });
    } else {
      atom.lastIndex = at;
      if (!atom.test(text)) fail(unreadable(c), at);
      const span = { start: at, end: atom.lastIndex };
      at = atom.lastIndex;
      add(readAtom(text.slice(span.start, span.end), span, fail));
    }
  }
  if (current !== top) fail(`this "${current.bracket ? "[" : "("}" is never closed`, current.start);
  if (top.dropNext > 0) fail("#; has no datum after it to leave out", text.length);
  return top.items;
}

function readAtom(token: string, span: Span, fail: (what: string, start: number, end?: number) => never): Datum {
  const value = parseNumber(token);
  if (value !== undefined) return { kind: "number", value, span };
  if (token === ".") fail("pairs (a . b) are not part of the language", span.start, span.end);
  if (numberLike.test(token)) fail(`"${token}" is not a number`, span.start, span.end);
  if (token === "#") fail("a vector is written [a b c]", span.start, span.end);
  if (token.startsWith("#")) fail(`"${token}" is not part of the language`, span.start, span.end);
  return { kind: "symbol", name: token, span };
}

/** Where the block comment that starts at `start` ends, comments within it included; undefined if it never does. */
export function skipBlockComment(text: string, start: number): number | undefined {
  const edge = /#\||\|#/g;
  edge.lastIndex = start;
  let depth = 0;
  for (let match = edge.exec(text); match; match = edge.exec(text)) {
    depth += match[0] === "#|" ? 1 : -1;
    if (depth === 0) return edge.lastIndex;
  }
  return undefined;
}

function unreadable(c: string): string {
  if (c === '"') return "strings are not part of the language";
  if (c === "'" || c === "`" || c === ",") return `quotation (${c}) is not part of the language`;
  return `"${c}" is not part of the language`;
}
