/** Instructions read back from the bytes of a function's body, by the tables that they are emitted from. */
import { BinaryReader } from "./binary-reader.js";
import { noResult, typeCodes } from "./function-builder.js";
import { readImmediateText } from "./immediate-text.js";
import {
  type Instruction,
  instructions,
  type Mnemonic,
  mnemonics,
  type StructuralName,
  structural,
  type ValueType,
} from "./instructions.js";

/** An instruction of the table with its immediate's text, or one whose meaning depends on where it stands. */
export type ReadInstruction =
  | { readonly kind: "table"; readonly name: Mnemonic; readonly immediate: string }
  | {
      readonly kind: "structural";
      readonly name: StructuralName;
      /** An index or a depth; 0 where there is none. */
      readonly operand: number;
      /** What a block leaves. */
      readonly result: ValueType | undefined;
    };

/** Bytes after which the instruction itself follows, as a number in LEB128. */
const prefixes: ReadonlySet<number> = new Set([0xfc, 0xfd]);

/** An instruction's number among all: its byte, or its prefix and what follows. */
function numberOf(reader: BinaryReader): number {
  const first = reader.byte();
  return prefixes.has(first) ? first * 2 ** 32 + reader.unsigned() : first;
}

interface Entry {
  readonly name: Mnemonic;
  readonly instruction: Instruction;
  /** Bytes of the table's row behind the instruction's number: memory indices. */
  readonly rest: number;
}

const byNumber: ReadonlyMap<number, Entry> = new Map(
  mnemonics.map((name): [number, Entry] => {
    const instruction: Instruction = instructions[name];
    const row = new BinaryReader(Uint8Array.from(instruction.code));
    const number = numberOf(row);
    return [number, { name, instruction, rest: row.end - row.at }];
  }),
);
const structuralByCode = new Map(
  (Object.keys(structural) as StructuralName[]).map((name) => [structural[name].code as number, name]),
);
const typesByCode = new Map((Object.keys(typeCodes) as ValueType[]).map((type) => [typeCodes[type], type]));

/** @throws SoftmachineError if no value type has the code that follows. */
export function readValueType(reader: BinaryReader): ValueType {
  const code = reader.byte();
  return typesByCode.get(code) ?? reader.fail(`no value type has the code ${code}`);
}

function readBlockType(reader: BinaryReader): ValueType | undefined {
  const code = reader.byte();
  if (code === noResult) return undefined;
  return typesByCode.get(code) ?? reader.fail(`no block's type has the code ${code}`);
}

/** @throws SoftmachineError if no instruction that can be emitted follows. */
export function readInstruction(reader: BinaryReader): ReadInstruction {
  const number = numberOf(reader);
  const name = structuralByCode.get(number);
  if (name !== undefined) {
    const { immediate } = structural[name];
    const result = immediate === "block" ? readBlockType(reader) : undefined;
    const operand = immediate === "none" || immediate === "block" ? 0 : reader.unsigned();
    return { kind: "structural", name, operand, result };
  }
  const entry = byNumber.get(number) ?? reader.fail(`no instruction has the code ${number.toString(16)}`);
  for (const byte of reader.bytes(entry.rest)) if (byte !== 0) reader.fail("a memory other than the first");
  return { kind: "table", name: entry.name, immediate: readImmediateText(reader, entry.instruction) };
}

/** A constant's or a body's code, up to and without its final end. */
export function readCode(reader: BinaryReader): ReadInstruction[] {
  const code: ReadInstruction[] = [];
  for (let depth = 0; ; ) {
    const next = readInstruction(reader);
    if (next.kind === "structural") {
      if (structural[next.name].immediate === "block") depth++;
      else if (next.name === "end" && depth-- === 0) return code;
    }
    code.push(next);
  }
}
