/** The top-level forms of a text that is typed in, told apart without reading them: their faults are the reader's to name. */
import { skipBlockComment } from "../scheme/index.js";

const token = /;[^\n]*|#\||#;|[()[\]]|[^\s()[\]{}"';,`|]+|\s+|./gy;

/** What scanning a text found. */
interface Scan {
  /** Where each top-level form begins and ends. */
  readonly forms: readonly (readonly [start: number, end: number])[];
  /** Brackets or a block comment are open at the end. */
  readonly open: boolean;
}

function scan(text: string): Scan {
  const forms: [number, number][] = [];
  let depth = 0;
  let start = 0;
  /** How many forms to come are left out by a `#;`. */
  let dropped = 0;
  const end = (at: number) => {
    if (dropped > 0) dropped--;
    else forms.push([start, at]);
  };
  token.lastIndex = 0;
  for (let match = token.exec(text); match; match = token.exec(text)) {
    const [found] = match;
    if (/^[\s;]/.test(found)) continue;
    if (found === "#|") {
      const after = skipBlockComment(text, match.index);
      if (after === undefined) return { forms, open: true };
      token.lastIndex = after;
    } else if (found === "#;") {
      if (depth === 0) dropped++;
    } else if (found === "(" || found === "[") {
      if (depth++ === 0) start = match.index;
    } else if (found === ")" || found === "]") {
      if (depth === 0) start = match.index;
      depth = Math.max(0, depth - 1);
      if (depth === 0) end(token.lastIndex);
    } else if (depth === 0) {
      start = match.index;
      end(token.lastIndex);
    }
  }
  if (depth > 0) end(text.length);
  return { forms, open: depth > 0 };
}

/** Whether a bracket or a block comment is still open, so that more is to come. */
export const isIncomplete = (text: string) => scan(text).open;

/**
 * The top-level forms of a text, each preceded by as many line breaks and spaces as put it where it stood, so that
 * positions in messages are those of the text.
 */
export function topLevelForms(text: string): string[] {
  return scan(text).forms.map(([start, end]) => text.slice(0, start).replace(/[^\n]/g, " ") + text.slice(start, end));
}

/** What a form defines: a function, a constant, or nothing. */
export function definitionOf(form: string): { readonly name: string; readonly isFunction: boolean } | undefined {
  const match = /^\s*[([]\s*define\s+([([]\s*)?([^\s()[\]]+)\s*([([]\s*lambda\b)?/.exec(form);
  if (!match) return undefined;
  return { name: match[2], isFunction: match[1] !== undefined || match[3] !== undefined };
}

/**
 * What a constant is defined as, standing where it stood; undefined when the definition is not of that kind.
 */
export function constantBody(form: string): string | undefined {
  const head = /^\s*[([]\s*define\s+[^\s()[\]]+/.exec(form);
  if (!head || !/[)\]]$/.test(form)) return undefined;
  const inner = topLevelForms(" ".repeat(head[0].length) + form.slice(head[0].length, -1));
  return inner.length === 1
    ? inner[0].replace(/^\s*/, (space) => form.slice(0, space.length).replace(/[^\n]/g, " "))
    : undefined;
}

/** Every word of a form: the names that it may use. */
export function wordsOf(form: string): Set<string> {
  return new Set(form.match(/[^\s()[\]{}"';,`|]+/g) ?? []);
}
