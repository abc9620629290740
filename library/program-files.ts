import { JoinedSource, type Outline, opNamed, outlineOf, Source, SourceError } from "../scheme/index.js";
import type { ProgramText } from "./catalog.js";

/** A program's text with those of the programs that it calls, which stand in other files. */
export interface LinkedText {
  /** Its own file's text first. */
  readonly source: Source;
  /** The other programs, in the order of their texts. */
  readonly calls: readonly string[];
}

interface ProgramOutline extends Outline {
  readonly name: string;
  readonly source: Source;
}

/** The files of a library, whose programs call each other by name. */
export class ProgramFiles {
  private readonly files: ReadonlyMap<string, ProgramText>;
  private readonly outlines = new Map<string, ProgramOutline>();

  constructor(files: Iterable<ProgramText>) {
    this.files = new Map(Array.from(files, (file) => [file.name, file]));
  }

  /**
   * A program's text, with those of all programs that it calls by name and does not define itself, and of those that these
   * call.
   * @throws SourceError at a fault of one of the texts; at a call that closes a circle of files; where two of the files
   * define the same name; where one defines an operation's name that another uses.
   */
  linked(name: string): LinkedText {
    const found = new Map<string, ProgramOutline>();
    this.visit(name, [], found);
    const parts = [...found.values()];
    const own = parts.find((part) => part.name === name) ?? this.outline(name);
    const others = parts.filter((part) => part !== own).reverse();
    checkClashes([own, ...others]);
    return {
      source: others.length === 0 ? own.source : joined(own, others),
      calls: others.map((other) => other.name),
    };
  }

  /** Finds the outlines of a program and of all that it calls: callees before their callers. */
  private visit(name: string, path: readonly string[], found: Map<string, ProgramOutline>): void {
    if (found.has(name)) return;
    const outline = this.outline(name);
    for (const [callee, span] of outline.calls) {
      const circle = [...path, name, callee];
      if (circle.indexOf(callee) < circle.length - 1) {
        const shown = circle.slice(circle.indexOf(callee)).join(", which calls ");
        throw new SourceError(`files can't call each other in a circle: ${shown}`, outline.source, span);
      }
      this.visit(callee, [...path, name], found);
    }
    found.set(name, outline);
  }

  private outline(name: string): ProgramOutline {
    let outline = this.outlines.get(name);
    if (outline === undefined) {
      const { text, file } = this.files.get(name) ?? { text: "", file: `${name}.scm` };
      const source = new Source(text, file);
      outline = { name, source, ...outlineOf(source, name, new Set(this.files.keys())) };
      this.outlines.set(name, outline);
    }
    return outline;
  }
}

const joined = (own: ProgramOutline, others: readonly ProgramOutline[]) =>
  new JoinedSource([own.source, ...others.map(({ source }) => source)], own.source.name);

/** Refuses files of which each name would not mean in all of them what it means in its own. */
function checkClashes(parts: readonly ProgramOutline[]): void {
  for (const part of parts) {
    for (const [name, span] of part.definitions) {
      const other = parts.find((each) => each !== part && each.definitions.has(name));
      const at = other?.definitions.get(name);
      if (other !== undefined && at !== undefined && parts.indexOf(other) < parts.indexOf(part)) {
        const where = `${other.source.name}:${other.source.at(at)}`;
        throw new SourceError(`"${name}" is defined in ${where} too, and the two files are linked`, part.source, span);
      }
      const user = parts.find((each) => each !== part && each.names.has(name));
      if (user === undefined || opNamed(name) === undefined) continue;
      const what = `"${name}" is an operation in ${user.source.name}, which is linked with this file: take another name`;
      throw new SourceError(what, part.source, span);
    }
  }
}
