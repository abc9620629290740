/** What the tests of this room share. */
import { SoftmachineError } from "../scheme/index.js";

const voidElements = new Set(["meta", "br", "hr", "img", "input", "link"]);

/** Elements in the order of their start tags. @throws unless every tag is closed in order and every special character escaped. */
export function parseMarkup(markup: string): { name: string; attributes: Map<string, string> }[] {
  const elements: { name: string; attributes: Map<string, string> }[] = [];
  const open: string[] = [];
  const rest = markup.replace(/^<!doctype html>/, "").replace(/<style>([^<]*)<\/style>/, "<style></style>");
  for (const [piece, tag] of rest.matchAll(/<([^<>]*)>|[^<]+|</g)) {
    if (tag === undefined) {
      if (/^<|>|&(?!(?:[a-z]+|#\d+);)/.test(piece)) throw new SoftmachineError(`unescaped text: ${piece.slice(0, 80)}`);
    } else if (tag.startsWith("/")) {
      const last = open.pop();
      if (last !== tag.slice(1)) throw new SoftmachineError(`</${tag.slice(1)}> closes <${last}>`);
    } else {
      const [, name, list, closed] = /^([a-zA-Z][\w-]*)((?:\s+[\w:-]+="[^"]*")*)\s*(\/?)$/.exec(tag) ?? [];
      if (name === undefined) throw new SoftmachineError(`not a tag: <${tag}>`);
      const pairs = [...list.matchAll(/([\w:-]+)="([^"]*)"/g)].map(([, key, value]) => [key, value] as const);
      const attributes = new Map(pairs);
      if (attributes.size < pairs.length) throw new SoftmachineError(`an attribute stands twice in <${tag}>`);
      elements.push({ name, attributes });
      if (closed === "" && !voidElements.has(name)) open.push(name);
    }
  }
  if (open.length > 0) throw new SoftmachineError(`never closed: ${open.join(" ")}`);
  return elements;
}

/** Text that would do harm wherever it is not escaped. */
export const hostile = `<script src="http://evil.example/x.js">alert('1')</script>"'&<!-- \u0000\ud800 ]]> {{x}} \${x}`;
