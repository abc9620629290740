/** Programs near a program: some of its choices drawn again, or its lines in another order. No gradient is in it. */
import { instructions, operationCount, operationNumbered } from "../../assembler/index.js";
import { entryOf } from "../exact.js";
import { fieldNames, fieldWidth, type SoftMask } from "../soft-program.js";
import { beginningAt, firstLine, type Trained } from "./parameters.js";
import type { AdaptationTask, HardProgram } from "./task.js";

/** What each operation takes a jump's target from. */
const targetFields = new Map<number, "a" | "b">([
  [instructions.jump.number, "b"],
  [instructions.jez.number, "b"],
  [instructions.call.number, "a"],
  [instructions.ret.number, "a"],
]);

/** The registers that some line takes a jump's target from. */
export function targetRegisters(lines: HardProgram["image"]["instructions"]): ReadonlySet<number> {
  const targets = new Set<number>();
  lines.op.forEach((op, line) => {
    const field = targetFields.get(op);
    if (field !== undefined) targets.add(lines[field][line]);
  });
  return targets;
}

/** The numbers of the operations that a task allows. */
export function operationNumbers({ image, operations }: AdaptationTask): number[] {
  const all = Array.from({ length: operationCount(image) }, (_, number) => number);
  return operations === undefined ? all : all.filter((number) => operations.includes(operationNumbered(image, number)));
}

/** What may be changed of a program. */
export interface Editable {
  /** The numbers of the operations that lines may come to do. */
  readonly operations: readonly number[];
  readonly mask: SoftMask;
  readonly trained: Trained;
}

/** A program with one to three choices drawn again, of those that are trained. It need not be right. */
export function redrawnProgram(
  task: AdaptationTask,
  program: HardProgram,
  { operations, mask, trained }: Editable,
  random: () => number,
): HardProgram {
  const { image } = program;
  const below = (limit: number) => Math.floor(random() * limit);
  const changed = copied(image);
  const constants = [...program.constants];
  let { line: entry, end } = entryOf(image, task.program);
  const first = firstLine(image, task.program);
  const places = fieldNames.length * image.lines;
  for (let left = 1 + below(3); left > 0; left--) {
    const place = below(places + constants.length + 1);
    if (place < places) {
      const [name, line] = [fieldNames[place % fieldNames.length], Math.floor(place / fieldNames.length)];
      if (!mask[name]?.[line]) continue;
      changed[name][line] = name === "op" ? operations[below(operations.length)] : below(fieldWidth(name, image));
    } else if (place < places + constants.length) {
      if (trained.constants !== false) constants[place - places] = below(image.n);
    } else if (trained.entry !== false) entry = first + below(end - first);
  }
  return { image: { ...image, instructions: changed, entries: beginningAt(image, task.program, entry) }, constants };
}

function copied({ instructions: { op, a, b, out, k } }: HardProgram["image"]): HardProgram["image"]["instructions"] {
  return { op: op.slice(), a: a.slice(), b: b.slice(), out: out.slice(), k: k.slice() };
}

/** A program in another order, and the lines of the image where what was moved or copied is now. */
export interface Reordered {
  readonly program: HardProgram;
  readonly lines: readonly number[];
}

/**
 * A program with one line moved, one left out, or up to eight copied to elsewhere, over the last lines, which they push
 * out; jumps go to the lines they went to, wherever these are now. It need not be right.
 */
export function reorderedProgram(task: AdaptationTask, program: HardProgram, random: () => number): Reordered {
  const first = firstLine(program.image, task.program);
  const count = entryOf(program.image, task.program).end - first;
  const below = (limit: number) => Math.floor(random() * limit);
  const order = Array.from({ length: count }, (_, i) => i);
  const [from, to, kind] = [below(count), below(count), random()];
  let length = 1;
  if (kind < 1 / 2) order.splice(to, 0, ...order.splice(from, 1));
  else if (kind < 3 / 4) {
    order.splice(to, 1);
    order.push(count - 1);
  } else {
    length += below(8);
    order.splice(to, 0, ...order.slice(from, from + length));
    order.length = count;
  }
  const lines = Array.from({ length: Math.min(length, count - to) }, (_, i) => first + to + i);
  return { program: inOrder(task, program, first, order), lines };
}

/** The program whose lines are those of `order`, counted from its first. */
function inOrder(task: AdaptationTask, program: HardProgram, first: number, order: readonly number[]): HardProgram {
  const { image } = program;
  const before = image.instructions;
  const instructionsNow = copied(image);
  for (const name of fieldNames)
    order.forEach((line, i) => {
      instructionsNow[name][first + i] = before[name][first + line];
    });
  /** Where a line of the image is now; where it is gone, the next that is there. */
  const placeOf = (line: number): number => {
    const own = line - first;
    if (own < 0 || own >= order.length) return line;
    for (let next = own; next < order.length; next++) {
      const place = order.indexOf(next);
      if (place >= 0) return first + place;
    }
    return line;
  };
  const { line: entryLine, labels, operands } = entryOf(image, task.program);
  /** The value that now names the line that a value named. */
  const renamed = (value: number): number => {
    const place = placeOf(labels[value] ?? value % image.lines);
    const named = labels.indexOf(place);
    return named >= 0 ? named : value;
  };
  const targets = targetRegisters(instructionsNow);
  const firstConstant = operands.length - program.constants.length;
  const constants = program.constants.map((value, i) => (targets.has(firstConstant + i) ? renamed(value) : value));
  instructionsNow.op.forEach((op, line) => {
    const names = op === instructions.const.number && targets.has(instructionsNow.out[line]);
    if (names) instructionsNow.k[line] = renamed(instructionsNow.k[line]);
  });
  const edited = { ...image, instructions: instructionsNow, comments: image.comments.map(() => "") };
  return { image: { ...edited, entries: beginningAt(edited, task.program, placeOf(entryLine)) }, constants };
}
