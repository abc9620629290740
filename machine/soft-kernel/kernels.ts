/** The soft machine's kernels, put together: one WebAssembly module for each lane type, instantiated once for a memory. */
import {
  compileModule,
  exportedFunction,
  instantiate,
  isShared,
  type LaneType,
  type SharedKernel,
  type WebAssemblyMemory,
  type WebAssemblyModule,
} from "../../kernel/index.js";
import { defineAdjoint } from "./adjoint.js";
import { defineAlu } from "./alu.js";
import { defineBinaryNaming } from "./binary-naming.js";
import { defineBits } from "./bits.js";
import { defineCircuitAlu } from "./circuit-alu.js";
import type { Encoding } from "./context.js";
import { KernelModule } from "./emitter.js";
import { defineFetch, defineFetchBackward } from "./fetch.js";
import { defineGroups } from "./groups.js";
import { defineNaming } from "./naming.js";
import { defineAddMarked, defineAddScaled, defineInner, defineMark, defineMixRows, defineReadRows } from "./rows.js";
import { defineSteps } from "./step.js";
import { definePack, defineUnpack } from "./transposition.js";

/** The module's bytes. */
export function softKernelModule(type: LaneType, encoding: Encoding, shared = false): Uint8Array {
  const kernels = new KernelModule(type, shared);
  const [pack, unpack, mark] = [definePack(kernels), defineUnpack(kernels), defineMark(kernels)];
  const mixRows = defineMixRows(kernels);
  const readRows = defineReadRows(kernels);
  const addScaled = defineAddScaled(kernels);
  const addMarked = defineAddMarked(kernels, addScaled);
  const inner = defineInner(kernels);
  const fetch = defineFetch(kernels, encoding);
  const fetchBackward = defineFetchBackward(kernels, encoding);
  const { alu, naming } = encoding === "binary" ? onBits(kernels) : onDistributions(kernels);
  const { operands, run, finish } = defineSteps(kernels, { fetch, alu, naming, mixRows, readRows, addScaled });
  const adjoint = defineAdjoint(kernels, { operands, fetchBackward, alu, naming, addScaled, addMarked, inner });
  const wayBack = {
    beginAdjoint: adjoint.begin,
    runBackward: adjoint.run,
    flushMemoryGradient: adjoint.finish,
  };
  defineGroups(kernels, { pack, unpack, mark, run, finish, ...wayBack });
  return kernels.builder.build();
}

const onDistributions = (kernels: KernelModule) => ({ alu: defineAlu(kernels), naming: defineNaming(kernels) });

function onBits(kernels: KernelModule) {
  const bits = defineBits(kernels);
  return { alu: defineCircuitAlu(kernels, bits), naming: defineBinaryNaming(kernels, bits) };
}

/** The kernels that are called from outside; see where each is defined for its parameters. */
const names = ["forward", "backward", "sumParts", "begin", "run", "showState"] as const;

/** Kernels at work in a memory. */
export type SoftKernels = { readonly [Name in (typeof names)[number]]: SharedKernel };

const compiled = new Map<string, WebAssemblyModule>();

/** The kernels at work in a memory. */
export function softKernels(type: LaneType, encoding: Encoding, memory: WebAssemblyMemory): SoftKernels {
  const shared = isShared(memory);
  const key = `${type} ${encoding} ${shared}`;
  const module = compiled.get(key) ?? compileModule(softKernelModule(type, encoding, shared));
  compiled.set(key, module);
  const exports = instantiate(module, { env: { memory } });
  const kernel = (name: string): SharedKernel => ({ module, memory, name, run: exportedFunction(exports, name) });
  return {
    forward: kernel("forward"),
    backward: kernel("backward"),
    sumParts: kernel("sumParts"),
    begin: kernel("begin"),
    run: kernel("run"),
    showState: kernel("showState"),
  };
}
