/** What is written behind an instruction's bytes: checked, then encoded. */
import { appendAll, writeFloat32, writeFloat64, writeSigned, writeSigned64, writeUnsigned } from "./binary.js";
import type { Instruction } from "./instructions.js";

/** Appends an instruction's immediate. Returns what is wrong with it instead, where something is. */
export function writeImmediate(code: number[], instruction: Instruction, value: unknown): string | undefined {
  const { immediate, size } = instruction;
  switch (immediate) {
    case "none":
      return undefined;
    case "memory":
      return writeMemoryAccess(code, size, value);
    case "i32":
      if (!isWhole(value, -(2 ** 31), 2 ** 32 - 1)) return `takes a whole number of 32 bits, not ${value}`;
      writeSigned(code, value);
      return undefined;
    case "i64":
      if (!isBigInteger(value)) return `takes a bigint of 64 bits, not ${value}`;
      writeSigned64(code, value);
      return undefined;
    case "f32":
    case "f64":
      if (typeof value !== "number") return `takes a number, not ${value}`;
      if (immediate === "f32") writeFloat32(code, value);
      else writeFloat64(code, value);
      return undefined;
    case "lane":
      if (!isWhole(value, 0, size - 1)) return `takes a lane 0 to ${size - 1}, not ${value}`;
      code.push(value);
      return undefined;
    case "v128":
      return writeSixteen(code, value, 255);
    case "shuffle":
      return writeSixteen(code, value, size - 1);
  }
}

function writeMemoryAccess(code: number[], size: number, access: unknown): string | undefined {
  const { offset = 0, align = size } = isRecord(access) ? access : {};
  if (!isWhole(offset, 0, 2 ** 32 - 1)) return `takes an offset of 0 to 2³²-1 bytes, not ${offset}`;
  if (!isWhole(align, 1, size) || !Number.isInteger(Math.log2(align))) {
    return `takes an alignment that is a power of two of at most ${size} bytes, not ${align}`;
  }
  writeUnsigned(code, Math.log2(align));
  writeUnsigned(code, offset);
  return undefined;
}

function writeSixteen(code: number[], value: unknown, most: number): string | undefined {
  const bytes: unknown[] = isList(value) ? Array.from(value) : [];
  const whole = bytes.filter((byte) => isWhole(byte, 0, most));
  if (bytes.length !== 16 || whole.length !== 16) return `takes 16 whole numbers of 0 to ${most}`;
  appendAll(code, whole);
  return undefined;
}

function isWhole(value: unknown, least: number, most: number): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= least && value <= most;
}

function isBigInteger(value: unknown): value is bigint {
  return typeof value === "bigint" && (BigInt.asIntN(64, value) === value || BigInt.asUintN(64, value) === value);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function isList(value: unknown): value is ArrayLike<unknown> {
  return isRecord(value) && typeof value.length === "number";
}
