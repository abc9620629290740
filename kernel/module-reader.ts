/** A WebAssembly module's sections, read back from the bytes that a module builder writes. */
import { BinaryReader } from "./binary-reader.js";
import type { FunctionType } from "./function-builder.js";
import { type ReadInstruction, readCode, readValueType } from "./instruction-reader.js";
import type { ValueType } from "./instructions.js";
import {
  externalKinds,
  functionTypeCode,
  type MemoryLimits,
  magicAndVersion,
  nameSection,
  sectionIds,
} from "./module-builder.js";

/** What an import or export is: a function's type by index, or a memory. */
export type ImportDescription = { readonly type: number } | { readonly memory: MemoryLimits };

export interface ModuleContents {
  readonly types: readonly FunctionType[];
  readonly imports: readonly {
    readonly module: string;
    readonly name: string;
    readonly description: ImportDescription;
  }[];
  /** Indices of the types of the module's own functions. */
  readonly functions: readonly number[];
  readonly memories: readonly MemoryLimits[];
  /** Constants: their type, and the code of their value. */
  readonly globals: readonly { readonly type: ValueType; readonly code: readonly ReadInstruction[] }[];
  readonly exports: readonly {
    readonly name: string;
    readonly kind: keyof typeof externalKinds;
    readonly index: number;
  }[];
  /** Of each function, its locals' types, those of the parameters left out, and its code. */
  readonly bodies: readonly { readonly locals: readonly ValueType[]; readonly code: readonly ReadInstruction[] }[];
  readonly functionNames: ReadonlyMap<number, string>;
  readonly localNames: ReadonlyMap<number, ReadonlyMap<number, string>>;
}

const kinds = Object.keys(externalKinds) as readonly (keyof typeof externalKinds)[];

function readType(reader: BinaryReader): FunctionType {
  if (reader.byte() !== functionTypeCode) reader.fail("a type that is no function's");
  const parameters = reader.vector(() => readValueType(reader));
  return { parameters, results: reader.vector(() => readValueType(reader)) };
}

function readLimits(reader: BinaryReader): MemoryLimits {
  const flags = reader.byte();
  const minimum = reader.unsigned();
  return { minimum, ...(flags & 1 && { maximum: reader.unsigned() }), shared: (flags & 2) !== 0 };
}

function readKind(reader: BinaryReader): keyof typeof externalKinds {
  const code = reader.byte();
  return kinds.find((kind) => externalKinds[kind] === code) ?? reader.fail(`no kind of export has the code ${code}`);
}

function readBody(reader: BinaryReader): ModuleContents["bodies"][number] {
  const code = reader.part(reader.unsigned());
  const runs = code.vector(() => ({ count: code.unsigned(), type: readValueType(code) }));
  return {
    locals: runs.flatMap(({ count, type }) => new Array<ValueType>(count).fill(type)),
    code: readCode(code),
  };
}

const names = (reader: BinaryReader) => new Map(reader.vector(() => [reader.unsigned(), reader.name()] as const));

/**
 * A module's contents.
 * @throws SoftmachineError if the bytes are no module, or hold what a module builder does not write.
 */
export function readModule(bytes: Uint8Array): ModuleContents {
  const reader = new BinaryReader(bytes);
  if (magicAndVersion.some((byte) => reader.byte() !== byte)) reader.fail("it does not begin as one");
  const contents: { -readonly [K in keyof ModuleContents]: ModuleContents[K] } = {
    types: [],
    imports: [],
    functions: [],
    memories: [],
    globals: [],
    exports: [],
    bodies: [],
    functionNames: new Map(),
    localNames: new Map(),
  };
  while (!reader.isAtEnd) {
    const id = reader.byte();
    const part = reader.part(reader.unsigned());
    switch (id) {
      case sectionIds.type:
        contents.types = part.vector(() => readType(part));
        break;
      case sectionIds.import:
        contents.imports = part.vector(() => {
          const [module, name] = [part.name(), part.name()];
          const description = readKind(part) === "memory" ? { memory: readLimits(part) } : { type: part.unsigned() };
          return { module, name, description };
        });
        break;
      case sectionIds.function:
        contents.functions = part.vector(() => part.unsigned());
        break;
      case sectionIds.memory:
        contents.memories = part.vector(() => readLimits(part));
        break;
      case sectionIds.global:
        contents.globals = part.vector(() => {
          const type = readValueType(part);
          if (part.byte() !== 0) part.fail("a global that varies");
          return { type, code: readCode(part) };
        });
        break;
      case sectionIds.export:
        contents.exports = part.vector(() => ({ name: part.name(), kind: readKind(part), index: part.unsigned() }));
        break;
      case sectionIds.code:
        contents.bodies = part.vector(() => readBody(part));
        break;
      case sectionIds.custom:
        if (part.name() !== nameSection.name) break;
        while (!part.isAtEnd) {
          const which = part.byte();
          const inner = part.part(part.unsigned());
          if (which === nameSection.functions) contents.functionNames = names(inner);
          if (which === nameSection.locals)
            contents.localNames = new Map(inner.vector(() => [inner.unsigned(), names(inner)] as const));
        }
        break;
      default:
        reader.fail(`a section ${id}`);
    }
  }
  return contents;
}
