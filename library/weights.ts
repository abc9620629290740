import { type Image, imageOf, instructionCount } from "../assembler/index.js";
import { flash } from "../machine/index.js";
import { encodeSafetensors } from "../tensor/index.js";
import { formatName, formatVersion } from "./manifest.js";

/**
 * A library's soft program as the bytes of a safetensors file, the same for the same image: `op` [lines, operations],
 * `a`, `b` and `out` [lines, registers] and `k` [lines, n], one distribution a line; `labels` [n], the line that each
 * value names, or [programs, n] where each program has a table of its own; `memory` [rows], what memory holds at first.
 */
export function encodeWeights(image: Image): Uint8Array {
  const { n, registers, lines, initialMemory } = image;
  const entries = [...image.entries.values()];
  const { op, a, b, out, k } = flash(imageOf(image, entries[0]));
  const tables = new Set(entries.map((entry) => entry.labels));
  const labels =
    tables.size === 1
      ? { shape: [n], data: entries[0].labels }
      : { shape: [entries.length, n], data: Int32Array.from(entries.flatMap((entry) => [...entry.labels])) };
  return encodeSafetensors(
    {
      op: { shape: [lines, op.length / lines], data: op },
      a: { shape: [lines, registers], data: a },
      b: { shape: [lines, registers], data: b },
      out: { shape: [lines, registers], data: out },
      k: { shape: [lines, n], data: k },
      labels,
      memory: { shape: [initialMemory.length], data: Uint16Array.from(initialMemory) },
    },
    { format: formatName, version: String(formatVersion) },
  );
}

/** What a line of an image takes up in the weights: numbers of eight bytes for each choice of each of its fields. */
export const bytesOfLine = ({ n, registers }: Image): number => 8 * (instructionCount + 3 * registers + n);
