import type { Image } from "../assembler/index.js";
import { flash } from "../machine/index.js";
import { encodeSafetensors } from "../tensor/index.js";
import { formatName, formatVersion } from "./manifest.js";

/**
 * A library's soft program as the bytes of a safetensors file, the same for the same image: `op` [lines, operations],
 * `a`, `b` and `out` [lines, registers] and `k` [lines, n], one distribution a line; `labels` [n], the line that each
 * value names; `memory` [rows], what memory holds at first.
 */
export function encodeWeights(image: Image): Uint8Array {
  const { n, registers, lines, labels, initialMemory } = image;
  const { op, a, b, out, k } = flash(image);
  return encodeSafetensors(
    {
      op: { shape: [lines, op.length / lines], data: op },
      a: { shape: [lines, registers], data: a },
      b: { shape: [lines, registers], data: b },
      out: { shape: [lines, registers], data: out },
      k: { shape: [lines, n], data: k },
      labels: { shape: [n], data: labels },
      memory: { shape: [initialMemory.length], data: Uint16Array.from(initialMemory) },
    },
    { format: formatName, version: String(formatVersion) },
  );
}
