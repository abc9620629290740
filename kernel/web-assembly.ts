/**
 * The part of the WebAssembly JavaScript interface that is used here. TypeScript declares it only along with a browser's
 * whole document model, which neither this library nor its users need.
 */
import { messageOf, SoftmachineError } from "../scheme/index.js";

/** A `WebAssembly.Memory`: ours, or the one that TensorFlow.js's wasm backend keeps its tensors in. */
export interface WebAssemblyMemory {
  readonly buffer: ArrayBuffer | SharedArrayBuffer;
  grow(pages: number): number;
}

/** A compiled `WebAssembly.Module`; it may be instantiated any number of times. */
export type WebAssemblyModule = object;

/** A function of numbers (or, for i64, bigints) exported by an instance. */
export type WebAssemblyFunction = (...operands: (number | bigint)[]) => number | bigint | undefined;

/** What an instance exports, by name. */
export type WebAssemblyExports = Readonly<Record<string, WebAssemblyFunction | WebAssemblyMemory>>;

/** Imports by module and name. */
export type WebAssemblyImports = Record<string, Record<string, WebAssemblyFunction | WebAssemblyMemory>>;

interface WebAssemblyInterface {
  Memory: new (limits: { initial: number; maximum?: number; shared?: boolean }) => WebAssemblyMemory;
  Module: new (bytes: Uint8Array) => WebAssemblyModule;
  Instance: new (module: WebAssemblyModule, imports: WebAssemblyImports) => { readonly exports: WebAssemblyExports };
}

const webAssembly: WebAssemblyInterface = Reflect.get(globalThis, "WebAssembly");

/** Bytes in a page of WebAssembly memory. */
export const pageBytes = 65536;

/** Pages that 32-bit addresses reach. */
export const mostPages = 65536;

/** A fresh, zeroed memory of `pages` pages of 64 KiB, growable; shared among threads if a size is given to which it may grow. */
export function newMemory(pages: number, sharedUpTo?: number): WebAssemblyMemory {
  if (!Number.isInteger(pages) || pages < 0 || pages > mostPages) {
    throw new SoftmachineError(`a memory has 0 to ${mostPages} pages of 64 KiB, a whole number of them; got ${pages}`);
  }
  try {
    return new webAssembly.Memory({
      initial: pages,
      ...(sharedUpTo === undefined ? {} : { maximum: sharedUpTo, shared: true }),
    });
  } catch (error) {
    throw new SoftmachineError(`a memory of ${pages} pages of 64 KiB could not be had: ${messageOf(error)}`);
  }
}

/** Whether a value is a `WebAssembly.Memory`. */
export function isMemory(value: unknown): value is WebAssemblyMemory {
  return value instanceof webAssembly.Memory;
}

/** Whether threads share a memory. */
export function isShared(memory: WebAssemblyMemory): boolean {
  return typeof SharedArrayBuffer !== "undefined" && memory.buffer instanceof SharedArrayBuffer;
}

/** Compiles a binary module. @throws SoftmachineError with the engine's reason if it is not a valid module. */
export function compileModule(bytes: Uint8Array): WebAssemblyModule {
  try {
    return new webAssembly.Module(bytes);
  } catch (error) {
    throw new SoftmachineError(`WebAssembly refused a module of ${bytes.length} bytes: ${messageOf(error)}`);
  }
}

/** An instance's exports. @throws SoftmachineError with the engine's reason if an import is missing or of another type. */
export function instantiate(module: WebAssemblyModule, imports: WebAssemblyImports = {}): WebAssemblyExports {
  try {
    return new webAssembly.Instance(module, imports).exports;
  } catch (error) {
    throw new SoftmachineError(`WebAssembly could not instantiate a module: ${messageOf(error)}`);
  }
}

/** The function exported under a name. @throws SoftmachineError if there is none. */
export function exportedFunction(exports: WebAssemblyExports, name: string): WebAssemblyFunction {
  const found = exports[name];
  if (typeof found !== "function") throw new SoftmachineError(`the instance exports no function "${name}"`);
  return found;
}
