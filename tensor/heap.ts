import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import { isMemory, type WebAssemblyMemory } from "../kernel/index.js";
import { SoftmachineError } from "../scheme/index.js";

/** The memory that the wasm backend keeps its tensors in. The backend's type declarations leave it out. */
export function heapOf(backend: BackendWasm): WebAssemblyMemory {
  const { asm } = backend.wasm as { asm?: { memory?: unknown } };
  if (!isMemory(asm?.memory)) throw new SoftmachineError("the wasm backend does not show its memory");
  return asm.memory;
}
