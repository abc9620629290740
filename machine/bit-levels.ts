/** How the kernels reduce a value of bits modulo a count: the table of levels that `BitKernels` go through. */
import { stepBytes, tableHeadBytes } from "./soft-kernel/bits.js";
import { vectorBytes } from "./soft-kernel/context.js";

interface Step {
  readonly bit: number;
  /** The bit's power of two, modulo the count. */
  readonly shift: number;
  /** Remainders that the bits below may make. */
  readonly size: number;
}

function stepsOf(bits: number, count: number): Step[] {
  const steps = Array.from({ length: bits }, (_, bit): Step => {
    return { bit, shift: 2 ** bit % count, size: Math.min(count, 2 ** bit) };
  });
  return steps.filter(({ shift }) => shift !== 0);
}

const tableBytes = (steps: readonly Step[]): number =>
  Math.ceil((tableHeadBytes + steps.length * stepBytes) / vectorBytes) * vectorBytes;

/** Bytes of a table and its levels, save the last one. */
export function levelBytes(bits: number, count: number): number {
  const steps = stepsOf(bits, count);
  return tableBytes(steps) + steps.reduce((sum, { size }) => sum + size, 0) * vectorBytes;
}

/** Writes a table; its levels come after it, the last one, [count], elsewhere. */
export function writeLevels(memory: ArrayBufferLike, table: number, last: number, bits: number, count: number): void {
  const steps = stepsOf(bits, count);
  let end = table + tableBytes(steps);
  const levels = steps.map(({ size }) => {
    const level = end;
    end += size * vectorBytes;
    return level;
  });
  levels.push(last);
  const entries = steps.flatMap(({ bit, shift, size }, i) => {
    const next = i + 1 < steps.length ? steps[i + 1].size : count;
    return [bit * vectorBytes, shift, size, next - size, levels[i], levels[i + 1]];
  });
  const numbers = [levels[0], steps.length, ...entries];
  new Int32Array(memory, table, numbers.length).set(numbers);
}
