/** The soft machine's kernels, put together: a WebAssembly module for each encoding and lane type. */
import {
  compileModule,
  exportedFunction,
  instantiate,
  type LaneType,
  type WebAssemblyMemory,
  type WebAssemblyModule,
} from "../../kernel/index.js";
import { defineAdjoint } from "./adjoint.js";
import { defineAlu } from "./alu.js";
import { defineBinaryNaming } from "./binary-naming.js";
import { defineCircuitAlu } from "./circuit-alu.js";
import type { Encoding } from "./context.js";
import { KernelModule } from "./emitter.js";
import { defineFetch, defineFetchBackward } from "./fetch.js";
import { defineNaming } from "./naming.js";
import { defineAddMarked, defineAddScaled, defineInner, defineMark, defineMixRows, defineReadRows } from "./rows.js";
import { defineSteps } from "./step.js";
import { definePack, defineUnpack } from "./transposition.js";

/** The module's bytes. */
export function softKernelModule(type: LaneType, encoding: Encoding): Uint8Array {
  const kernels = new KernelModule(type);
  definePack(kernels);
  defineUnpack(kernels);
  defineMark(kernels);
  const mixRows = defineMixRows(kernels);
  const readRows = defineReadRows(kernels);
  const addScaled = defineAddScaled(kernels);
  const addMarked = defineAddMarked(kernels, addScaled);
  const inner = defineInner(kernels);
  const fetch = defineFetch(kernels, encoding);
  const fetchBackward = defineFetchBackward(kernels, encoding);
  const alu = encoding === "binary" ? defineCircuitAlu(kernels) : defineAlu(kernels);
  const naming = encoding === "binary" ? defineBinaryNaming(kernels) : defineNaming(kernels);
  const { operands } = defineSteps(kernels, { fetch, alu, naming, mixRows, readRows, addScaled });
  defineAdjoint(kernels, { operands, fetchBackward, alu, naming, addScaled, addMarked, inner });
  return kernels.builder.build();
}

/** The kernels that are called from outside; see where each is defined for its parameters. */
const names = [
  "pack",
  "unpack",
  "mark",
  "run",
  "finish",
  "beginAdjoint",
  "runBackward",
  "flushMemoryGradient",
] as const;

export type SoftKernels = { readonly [Name in (typeof names)[number]]: (...operands: number[]) => number };

const compiled = new Map<string, WebAssemblyModule>();

/** The kernels at work in a memory. */
export function softKernels(type: LaneType, encoding: Encoding, memory: WebAssemblyMemory): SoftKernels {
  const name = `${type} ${encoding}`;
  const module = compiled.get(name) ?? compileModule(softKernelModule(type, encoding));
  compiled.set(name, module);
  const exports = instantiate(module, { env: { memory } });
  const kernel = (name: (typeof names)[number]) => {
    const call = exportedFunction(exports, name);
    return (...operands: number[]): number => Number(call(...operands) ?? 0);
  };
  return {
    pack: kernel("pack"),
    unpack: kernel("unpack"),
    mark: kernel("mark"),
    run: kernel("run"),
    finish: kernel("finish"),
    beginAdjoint: kernel("beginAdjoint"),
    runBackward: kernel("runBackward"),
    flushMemoryGradient: kernel("flushMemoryGradient"),
  };
}
