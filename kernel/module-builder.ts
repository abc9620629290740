/** A WebAssembly module put together at run time: types, imports, functions and exports, to the binary format. */
import { SoftmachineError } from "../scheme/index.js";
import { appendAll, writeName, writeSection, writeUnsigned } from "./binary.js";
import {
  FunctionBuilder,
  type FunctionReference,
  type FunctionType,
  type Global,
  typeCodes,
} from "./function-builder.js";
import { writeImmediate } from "./immediates.js";
import { instructions, structural, type ValueType } from "./instructions.js";
import { mostPages } from "./web-assembly.js";

export interface MemoryLimits {
  /** Pages of 64 KiB that the memory has at least; 0 when absent. */
  minimum?: number;
  /** Pages that it may grow to. A shared memory must have one: 65536 when absent. */
  maximum?: number;
  /** Whether threads share it; what is imported must agree. */
  shared?: boolean;
}

interface FunctionImport {
  readonly module: string;
  readonly reference: FunctionReference;
}

interface FunctionDefinition {
  readonly reference: FunctionReference;
  body: readonly number[] | undefined;
  localNames: ReadonlyMap<number, string>;
  usesMemory: boolean;
}

export const magicAndVersion = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
/** Sections of the binary format by their ids, in the order in which they must stand; a custom one may stand anywhere. */
export const sectionIds = {
  custom: 0,
  type: 1,
  import: 2,
  function: 3,
  memory: 5,
  global: 6,
  export: 7,
  code: 10,
} as const;
/** What an import or an export is. */
export const externalKinds = { function: 0x00, memory: 0x02 } as const;
/** The custom section that holds names, and its parts (section 7.4 of the specification). */
export const nameSection = { name: "name", functions: 1, locals: 2 } as const;
export const functionTypeCode = 0x60;

export class ModuleBuilder {
  readonly #types: FunctionType[] = [];
  readonly #typeIndices = new Map<string, number>();
  readonly #imports: FunctionImport[] = [];
  readonly #functions: FunctionDefinition[] = [];
  readonly #globals = new Map<string, { global: Global; initial: readonly number[] }>();
  readonly #exports = new Map<string, { kind: number; index: number }>();
  #memory: { limits: MemoryLimits; from?: { module: string; name: string } } | undefined;

  /** Takes the module's one memory from outside. */
  importMemory(module: string, name: string, limits: MemoryLimits = {}): this {
    this.#setMemory(limits, { module, name });
    return this;
  }

  /** Gives the module a memory of its own. */
  defineMemory(limits: MemoryLimits): this {
    this.#setMemory(limits);
    return this;
  }

  exportMemory(name: string): this {
    if (this.#memory === undefined) throw new SoftmachineError(`no memory to export as "${name}"`);
    this.#export(name, externalKinds.memory, 0);
    return this;
  }

  /** A function from outside. Functions are numbered with the imported ones first, so import before the first `declare`. */
  importFunction(
    module: string,
    name: string,
    parameters: readonly ValueType[],
    results: readonly ValueType[],
  ): FunctionReference {
    if (this.#functions.length > 0) {
      throw new SoftmachineError(`function "${name}" must be imported before functions are declared`);
    }
    const reference = { name, index: this.#imports.length, parameters: [...parameters], results: [...results] };
    this.#imports.push({ module, reference });
    this.#typeIndex(reference);
    return reference;
  }

  /** A function whose body comes later, so that functions may call each other. */
  declare(name: string, parameters: readonly ValueType[], results: readonly ValueType[]): FunctionReference {
    const index = this.#imports.length + this.#functions.length;
    const reference = { name, index, parameters: [...parameters], results: [...results] };
    this.#typeIndex(reference);
    this.#functions.push({ reference, body: undefined, localNames: new Map(), usesMemory: false });
    return reference;
  }

  /** The body of a declared function: `write` emits its code. @throws SoftmachineError where the code is ill-typed. */
  define(reference: FunctionReference, write: (code: FunctionBuilder) => void): this {
    const definition = this.#functions[reference.index - this.#imports.length];
    if (definition?.reference !== reference) {
      throw new SoftmachineError(`function "${reference.name}" was not declared in this module`);
    }
    if (definition.body !== undefined) throw new SoftmachineError(`function "${reference.name}" is defined twice`);
    const code = new FunctionBuilder(reference);
    write(code);
    definition.body = code.build();
    definition.localNames = code.localNames;
    definition.usesMemory = code.usesMemory;
    return this;
  }

  /**
   * A vector that never changes, of 16 bytes; the same one for the same bytes. A function that uses many is faster with
   * these than with `v128.const`, which the engine builds in registers, half by half, each time.
   */
  constantVector(bytes: ArrayLike<number>): Global {
    const initial = [...instructions["v128.const"].code];
    const fault = writeImmediate(initial, instructions["v128.const"], bytes);
    if (fault !== undefined) throw new SoftmachineError(`a constant vector ${fault}`);
    const key = initial.join(" ");
    const known = this.#globals.get(key);
    if (known !== undefined) return known.global;
    const global: Global = { index: this.#globals.size, type: "v128" };
    this.#globals.set(key, { global, initial });
    return global;
  }

  /** Declares, defines and exports a function at once. */
  function(
    name: string,
    parameters: readonly ValueType[],
    results: readonly ValueType[],
    write: (code: FunctionBuilder) => void,
  ): FunctionReference {
    const reference = this.declare(name, parameters, results);
    this.define(reference, write);
    this.exportFunction(name, reference);
    return reference;
  }

  exportFunction(name: string, { index }: FunctionReference): this {
    this.#export(name, externalKinds.function, index);
    return this;
  }

  /**
   * The module's bytes, with a name section if asked for: names of functions, and those given to locals.
   * @throws SoftmachineError for a function without a body, or one that needs a memory there is not.
   */
  build({ names = false }: { names?: boolean } = {}): Uint8Array<ArrayBuffer> {
    for (const { reference, body, usesMemory } of this.#functions) {
      if (body === undefined) throw new SoftmachineError(`function "${reference.name}" is declared but never defined`);
      if (usesMemory && this.#memory === undefined) {
        throw new SoftmachineError(`function "${reference.name}" uses a memory, but the module has none`);
      }
    }
    const bytes = [...magicAndVersion];
    writeVector(bytes, sectionIds.type, this.#types, writeType);
    writeVector(bytes, sectionIds.import, this.#importWriters(), (contents, write) => write(contents));
    writeVector(bytes, sectionIds.function, this.#functions, (contents, { reference }) => {
      writeUnsigned(contents, this.#typeIndex(reference));
    });
    const ownMemory = this.#memory !== undefined && this.#memory.from === undefined ? [this.#memory.limits] : [];
    writeVector(bytes, sectionIds.memory, ownMemory, writeLimits);
    writeVector(bytes, sectionIds.global, [...this.#globals.values()], (contents, { global, initial }) => {
      contents.push(typeCodes[global.type], 0);
      appendAll(contents, initial);
      contents.push(structural.end.code);
    });
    writeVector(bytes, sectionIds.export, [...this.#exports], (contents, [name, exported]) => {
      writeName(contents, name);
      contents.push(exported.kind);
      writeUnsigned(contents, exported.index);
    });
    writeVector(bytes, sectionIds.code, this.#functions, (contents, { body = [] }) => {
      writeUnsigned(contents, body.length);
      appendAll(contents, body);
    });
    if (names) this.#writeNames(bytes);
    return Uint8Array.from(bytes);
  }

  #writeNames(bytes: number[]): void {
    const contents: number[] = [];
    writeName(contents, nameSection.name);
    const functions = [
      ...this.#imports.map(({ reference }) => reference),
      ...this.#functions.map(({ reference }) => reference),
    ];
    writeVector(contents, nameSection.functions, functions, (part, { index, name }) => {
      writeUnsigned(part, index);
      writeName(part, name);
    });
    const named = this.#functions.filter(({ localNames }) => localNames.size > 0);
    writeVector(contents, nameSection.locals, named, (part, { reference, localNames }) => {
      writeUnsigned(part, reference.index);
      writeUnsigned(part, localNames.size);
      for (const [index, name] of [...localNames].sort(([a], [b]) => a - b)) {
        writeUnsigned(part, index);
        writeName(part, name);
      }
    });
    writeSection(bytes, sectionIds.custom, contents);
  }

  #importWriters(): ((contents: number[]) => void)[] {
    const writers = this.#imports.map(({ module, reference }) => (contents: number[]) => {
      writeName(contents, module);
      writeName(contents, reference.name);
      contents.push(externalKinds.function);
      writeUnsigned(contents, this.#typeIndex(reference));
    });
    const memory = this.#memory;
    if (memory?.from === undefined) return writers;
    const { limits, from } = memory;
    return [
      ...writers,
      (contents) => {
        writeName(contents, from.module);
        writeName(contents, from.name);
        contents.push(externalKinds.memory);
        writeLimits(contents, limits);
      },
    ];
  }

  #setMemory(limits: MemoryLimits, from?: { module: string; name: string }): void {
    if (this.#memory !== undefined) throw new SoftmachineError("a module has one memory; this one has its already");
    const { minimum = 0, maximum = mostPages } = limits;
    for (const pages of [minimum, maximum]) {
      if (!Number.isInteger(pages) || pages < 0 || pages > mostPages) {
        throw new SoftmachineError(`a memory has 0 to ${mostPages} whole pages; got ${pages}`);
      }
    }
    if (minimum > maximum) {
      throw new SoftmachineError(`a memory of at least ${minimum} pages cannot have at most ${maximum}`);
    }
    this.#memory = { limits: { ...limits }, from };
  }

  #export(name: string, exportedKind: number, index: number): void {
    if (this.#exports.has(name)) throw new SoftmachineError(`"${name}" is exported twice`);
    this.#exports.set(name, { kind: exportedKind, index });
  }

  /** The place of a function's type among the module's types, each of which is written once. */
  #typeIndex({ parameters, results }: FunctionType): number {
    const key = `${parameters.join(" ")} -> ${results.join(" ")}`;
    const known = this.#typeIndices.get(key);
    if (known !== undefined) return known;
    this.#types.push({ parameters, results });
    this.#typeIndices.set(key, this.#types.length - 1);
    return this.#types.length - 1;
  }
}

/** A section that is a count and its items; nothing at all if there are none. */
function writeVector<T>(
  bytes: number[],
  id: number,
  items: readonly T[],
  write: (contents: number[], item: T) => void,
): void {
  if (items.length === 0) return;
  const contents: number[] = [];
  writeUnsigned(contents, items.length);
  for (const item of items) write(contents, item);
  writeSection(bytes, id, contents);
}

function writeType(bytes: number[], { parameters, results }: FunctionType): void {
  bytes.push(functionTypeCode);
  for (const types of [parameters, results]) {
    writeUnsigned(bytes, types.length);
    for (const type of types) bytes.push(typeCodes[type]);
  }
}

function writeLimits(bytes: number[], { minimum = 0, maximum, shared = false }: MemoryLimits): void {
  const most = shared ? (maximum ?? mostPages) : maximum;
  bytes.push((most === undefined ? 0 : 1) | (shared ? 2 : 0));
  writeUnsigned(bytes, minimum);
  if (most !== undefined) writeUnsigned(bytes, most);
}
