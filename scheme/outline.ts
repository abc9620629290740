import { Expander } from "./expand.js";
import { withinStack } from "./program.js";
import { type Datum, isSymbol, read } from "./reader.js";
import type { Source, Span } from "./source.js";

/** What a text defines and what it needs of others. */
export interface Outline {
  /** The functions and constants that it defines at its top level, and where. */
  readonly definitions: ReadonlyMap<string, Span>;
  /** The functions of other texts that it calls, in the order of the text, and where each is called first. */
  readonly calls: ReadonlyMap<string, Span>;
  /** Every name that occurs in it. */
  readonly names: ReadonlySet<string>;
}

/**
 * Reads and checks a text of which some functions may be defined elsewhere. A name that it defines itself, or that is an
 * operation's, is not one of those.
 * @param entry the function that is the program.
 * @param elsewhere names of the functions that other texts define.
 * @throws SourceError at the first fault.
 */
export function outlineOf(source: Source, entry: string, elsewhere: ReadonlySet<string>): Outline {
  return withinStack(source, () => {
    const data = read(source);
    const expander = new Expander(source, elsewhere);
    expander.program(data, entry);
    expander.checkUses();
    const calls = [...expander.elsewhere].sort(([, a], [, b]) => a.start - b.start);
    return { definitions: definitionsOf(data), calls: new Map(calls), names: namesOf(data) };
  });
}

function definitionsOf(data: readonly Datum[]): Map<string, Span> {
  const found = new Map<string, Span>();
  for (const datum of data) {
    if (datum.kind !== "list" || !isSymbol(datum.items[0], "define")) continue;
    const [, target] = datum.items;
    const name = target?.kind === "list" ? target.items[0] : target;
    if (isSymbol(name)) found.set(name.name, name.span);
  }
  return found;
}

function namesOf(data: readonly Datum[]): Set<string> {
  const names = new Set<string>();
  const work = [...data];
  for (let datum = work.pop(); datum; datum = work.pop()) {
    if (datum.kind === "symbol") names.add(datum.name);
    else if (datum.kind === "list") work.push(...datum.items);
  }
  return names;
}
