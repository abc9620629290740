/** What an adaptive program starts from, and what it should do. */
import { checkWholeNumber, type Image, type Operation } from "../../assembler/index.js";
import { SoftmachineError } from "../../scheme/index.js";
import { entryOf } from "../exact.js";
import type { Choose } from "./choices.js";

/** Whole numbers from `low` to `high`, both included, each as likely as another. */
export interface Range {
  readonly low: number;
  readonly high: number;
}

/** A run that a program should get right. */
export interface Example {
  /** What the program's first operands are; its other operands are its constants. Default none. */
  readonly operands?: readonly number[];
  /** What the first memory cells hold: a value, or any of a range whatever the others hold. The others hold 0. */
  readonly memory?: readonly (number | Range)[];
  /** Cells that count at the end, with the value that each must hold: a number, or what the cell `of` held at first. */
  readonly cells?: readonly (readonly [cell: number, value: number | { readonly of: number }])[];
  /** What r0 must hold at the end, where that counts. */
  readonly result?: number;
}

/** A program that is to be made faster, or right, on the inputs that there are. */
export interface AdaptationTask {
  /** The program to start from, linked. */
  readonly image: Image;
  /** Its name in the image. */
  readonly program: string;
  /** The values of those operands that examples do not give: registers' initial values, which are trained too. */
  readonly constants: readonly number[];
  /** The inputs that there are: an example, for each way to choose. */
  readonly example: (choose: Choose) => Example;
  /** The most steps of a run. */
  readonly steps: number;
  /** The operations that the program may come to use; all, if absent. */
  readonly operations?: readonly Operation[];
}

/** A program as it is run: an image, and its constants. */
export interface HardProgram {
  readonly image: Image;
  readonly constants: readonly number[];
}

/** @throws SoftmachineError when a task is impossible. */
export function checkTask({ image, program, constants, steps }: AdaptationTask): void {
  const entry = entryOf(image, program);
  checkWholeNumber(`the steps of "${program}"`, steps, 1);
  if (constants.length > entry.operands.length) {
    throw new SoftmachineError(
      `"${program}" has ${constants.length} constants, and ${entry.operands.length} operands to take them`,
    );
  }
  for (const value of constants) checkWholeNumber(`a constant of "${program}"`, value, 0, image.n - 1);
}

/** An example whose ranges are drawn: what each cell holds at first and must hold at the end. */
export interface DrawnExample {
  readonly operands: readonly number[];
  readonly memory: Int32Array;
  readonly cells: readonly (readonly [cell: number, value: number])[];
  readonly result: number | undefined;
}

export function drawExample({ example, image }: AdaptationTask, choose: Choose): DrawnExample {
  const { operands = [], memory = [], cells = [], result } = example(choose);
  const held = new Int32Array(image.memorySize);
  memory.forEach((cell, i) => {
    held[i] = typeof cell === "number" ? cell : choose(cell.low, cell.high);
  });
  const wanted = cells.map(([cell, value]) => [cell, typeof value === "number" ? value : held[value.of]] as const);
  return { operands, memory: held, cells: wanted, result };
}
