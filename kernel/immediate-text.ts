/** What stands behind an instruction's bytes, as the text format writes it ("WebAssembly Core Specification" 2.0, 2022, section 6). */
import type { BinaryReader } from "./binary-reader.js";
import type { Instruction } from "./instructions.js";

const scratch = new DataView(new ArrayBuffer(16));

/** A number's text from its bits; a NaN's other bits are kept. */
function floatText(bits: bigint, width: 32 | 64): string {
  if (width === 32) scratch.setUint32(0, Number(bits));
  else scratch.setBigUint64(0, bits);
  const value = width === 32 ? scratch.getFloat32(0) : scratch.getFloat64(0);
  const fraction = width === 32 ? 23n : 52n;
  const sign = bits >> BigInt(width - 1) === 1n ? "-" : "";
  if (Number.isNaN(value)) {
    const payload = bits & ((1n << fraction) - 1n);
    return payload === 1n << (fraction - 1n) ? `${sign}nan` : `${sign}nan:0x${payload.toString(16)}`;
  }
  if (!Number.isFinite(value)) return `${sign}inf`;
  if (width === 64) return Object.is(value, -0) ? "-0" : String(value);
  return Object.is(value, -0) ? "-0" : shortestSingle(value);
}

/** The fewest digits that read back as this f32. */
function shortestSingle(value: number): string {
  for (let digits = 1; digits < 9; digits++) {
    const near = Number(value.toPrecision(digits));
    if (Math.fround(near) === value) return String(near);
  }
  return String(Number(value.toPrecision(9)));
}

function littleEndian(bytes: Uint8Array): bigint {
  let bits = 0n;
  for (const [i, byte] of bytes.entries()) bits |= BigInt(byte) << BigInt(8 * i);
  return bits;
}

/** A text of this length or less shows a vector as the numbers that it is. */
const longestLanes = 44;

/** 16 bytes, as whichever lanes are told in the fewest letters; all are exact. */
function vectorText(bytes: Uint8Array): string {
  const lanes = (size: number, text: (bits: bigint) => string) =>
    Array.from({ length: 16 / size }, (_, i) => text(littleEndian(bytes.subarray(size * i, size * (i + 1))))).join(" ");
  const asFloats = [
    `f64x2 ${lanes(8, (bits) => floatText(bits, 64))}`,
    `f32x4 ${lanes(4, (bits) => floatText(bits, 32))}`,
  ].sort((a, b) => a.length - b.length)[0];
  if (asFloats.length <= longestLanes && !asFloats.includes("nan")) return asFloats;
  return `i32x4 ${lanes(4, (bits) => `0x${bits.toString(16).padStart(8, "0")}`)}`;
}

/** Reads an instruction's immediate and gives its text, empty where there is none or it is what is understood. */
export function readImmediateText(reader: BinaryReader, { immediate, size }: Instruction): string {
  switch (immediate) {
    case "none":
      return "";
    case "memory": {
      const align = 2 ** reader.unsigned();
      const offset = reader.unsigned();
      return [offset === 0 ? "" : `offset=${offset}`, align === size ? "" : `align=${align}`].filter(Boolean).join(" ");
    }
    case "i32":
      return String(reader.signed());
    case "i64":
      return String(reader.signed64());
    case "f32":
      return floatText(littleEndian(reader.bytes(4)), 32);
    case "f64":
      return floatText(littleEndian(reader.bytes(8)), 64);
    case "v128":
      return vectorText(reader.bytes(16));
    case "lane":
      return String(reader.byte());
    case "shuffle":
      return Array.from(reader.bytes(16)).join(" ");
  }
}
