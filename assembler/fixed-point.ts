import { aNormalForm, type ReadOptions, readProgram } from "../scheme/index.js";
import { type AssembleOptions, assemble } from "./anf-to-assembly.js";
import type { Assembly } from "./assembly.js";
import { type Grid, type GridOptions, gridOf } from "./grid.js";
import type { Image } from "./image.js";
import { link } from "./link.js";

/** A program on a grid, alone in an image. */
export interface FixedPointProgram {
  readonly grid: Grid;
  readonly assembly: Assembly;
  readonly image: Image;
}

/**
 * Compiles a program of real numbers to the register machine: value v stands for lo + v step, and each operation is a table
 * over the grid, its result rounded to the nearest point, at the ends for what is beyond them. Operands and result of a run
 * are values; `nearestOnGrid` and `gridPoint` translate.
 *
 * @throws SourceError for a wrong program, a constant outside the grid, or a computed index; SoftmachineError when there is
 * no such grid or it has more than 4,096 points.
 */
export function compileToFixedPoint(
  source: string,
  options: GridOptions & Omit<AssembleOptions, "grid"> & Pick<ReadOptions, "entry">,
): FixedPointProgram {
  const { entry, registers } = options;
  const grid = gridOf(options);
  const program = aNormalForm(readProgram(source, entry === undefined ? {} : { entry }));
  const assembly = assemble(program, { ...options, grid });
  const image = link([assembly], { n: grid.n, ...(registers === undefined ? {} : { registers }) });
  return { grid, assembly, image };
}
