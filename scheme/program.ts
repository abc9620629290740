import type { CoreProgram } from "./core.js";
import { SoftmachineError, SourceError } from "./errors.js";
import { Expander } from "./expand.js";
import { lambdaLift } from "./lambda-lift.js";
import { read } from "./reader.js";
import { Source } from "./source.js";

export interface ReadOptions {
  /** The source's name in messages: a file's path, say. Where a `Source` is read, it is that one's. */
  readonly name?: string;
  /** A function that is the program: its parameters become the inputs. */
  readonly entry?: string;
}

/** Runs a stage that recurs on a program's nesting; what exhausts the stack is a fault of the program like any other. */
export function withinStack<T>(source: Source, stage: () => T): T {
  try {
    return stage();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new SourceError("the program nests too deeply", source, { start: 0, end: 0 });
  }
}

/**
 * Text to the core language: reads, resolves names, expands forms, checks arities and tail positions, lifts local functions.
 * @throws SourceError at the first fault, with its position.
 */
export function readProgram(text: string | Source, options: ReadOptions = {}): CoreProgram {
  if (typeof text !== "string" && !(text instanceof Source))
    throw new SoftmachineError(`a program's text must be a string, not ${typeof text}`);
  if (options.entry !== undefined && typeof options.entry !== "string")
    throw new SoftmachineError(`the entry must be a function's name, not ${typeof options.entry}`);
  const source = typeof text === "string" ? new Source(text, options.name) : text;
  return withinStack(source, () => {
    const data = read(source);
    const expander = new Expander(source);
    const scoped = expander.program(data, options.entry);
    expander.checkUses();
    return lambdaLift(scoped, source);
  });
}
