import type { Assembly, AssemblyInstruction } from "./assembly.js";

/** For the lines of functions that an earlier program has too: the program and the line in their place. */
export type SharedFunctions = ReadonlyMap<
  Assembly,
  ReadonlyMap<number, { readonly program: Assembly; readonly line: number }>
>;

/** A function's lines, `end` excluded. */
interface FunctionLines {
  readonly program: Assembly;
  readonly start: number;
  readonly end: number;
}

/** Finds the functions that several programs have in common: the same instructions, calling the same functions. */
export function shareFunctions(programs: readonly Assembly[]): SharedFunctions {
  const functions = programs.flatMap(functionsOf);
  const classes = classesOf(functions);
  const first = new Map<string, FunctionLines>();
  const shared = new Map<Assembly, Map<number, { program: Assembly; line: number }>>();
  for (const f of functions) {
    const key = classes.get(f) ?? "";
    const original = first.get(key);
    if (original === undefined) {
      first.set(key, f);
      continue;
    }
    const lines = shared.get(f.program) ?? new Map<number, { program: Assembly; line: number }>();
    for (let line = f.start; line < f.end; line++) {
      lines.set(line, { program: original.program, line: original.start + line - f.start });
    }
    shared.set(f.program, lines);
  }
  return shared;
}

/** The functions of a program that may stand anywhere: their last line does not go on to the next. */
function functionsOf(program: Assembly): FunctionLines[] {
  const { functions = [], labels, instructions, entry } = program;
  const starts = functions.flatMap((label) => labels.get(label) ?? []).sort((x, y) => x - y);
  const first = entry === undefined ? 0 : labels.get(entry);
  return starts.flatMap((start, i): FunctionLines[] => {
    const end = starts[i + 1] ?? instructions.length;
    const holdsEntry = first !== undefined && first >= start && first < end;
    const last = instructions[end - 1]?.op;
    const before = instructions[start - 1]?.op;
    const ends = (op: typeof last) => op === "ret" || op === "halt";
    return start < end && !holdsEntry && ends(last) && ends(before) ? [{ program, start, end }] : [];
  });
}

/** A name for each function that it shares with its equals: the coarsest partition that calls respect. */
function classesOf(functions: readonly FunctionLines[]): Map<FunctionLines, string> {
  let classes = new Map(functions.map((f) => [f, ""]));
  for (let count = 0; ; ) {
    const texts = new Map<string, string>();
    const refined = new Map<FunctionLines, string>();
    for (const f of functions) {
      const text = f.program.instructions
        .slice(f.start, f.end)
        .map((line) => lineText(line, f, functions, classes))
        .join("\n");
      const name = texts.get(text) ?? `${texts.size}`;
      texts.set(text, name);
      refined.set(f, name);
    }
    classes = refined;
    if (texts.size === count) return classes;
    count = texts.size;
  }
}

/** A line as it is the same in every program that has the function. */
function lineText(
  { op, a, b, out, k }: AssemblyInstruction,
  f: FunctionLines,
  functions: readonly FunctionLines[],
  classes: ReadonlyMap<FunctionLines, string>,
): string {
  const { grid } = f.program;
  const on = grid === undefined ? "" : ` on ${grid.lo} ${grid.step}`;
  const fields = `${op} ${out} ${a} ${b}${on}`;
  if (typeof k === "number") return `${fields} #${k}`;
  const line = f.program.labels.get(k.label) ?? 0;
  if (line >= f.start && line < f.end) return `${fields} +${line - f.start}`;
  const callee = functions.find((other) => other.program === f.program && other.start <= line && line < other.end);
  if (callee === undefined) return `${fields} @${f.program.name} ${line}`;
  return `${fields} @${classes.get(callee)} +${line - callee.start}`;
}
