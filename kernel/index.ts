/** WebAssembly written at run time: a module builder, and the kernels made with it. */
export { disassemble } from "./disassembler.js";
export {
  type ElementaryName,
  elementary,
  elementaryInline,
  elementaryNames,
  elementaryUsual,
} from "./elementary/elementary.js";
export { FasterWay, type FasterWayOptions } from "./faster-way.js";
export {
  FunctionBuilder,
  type FunctionReference,
  type FunctionType,
  type Global,
  type Label,
  type Local,
} from "./function-builder.js";
export {
  type Immediates,
  type ImmediatesOf,
  type Instruction,
  instructions,
  type MemoryAccess,
  type Mnemonic,
  mnemonics,
  type ValueType,
} from "./instructions.js";
export type { LaneType } from "./lanes.js";
export { type MatrixProduct, matrixProduct } from "./matrix-product.js";
export { matrixProductModule, matrixProductScratch } from "./matrix-product-kernel.js";
export { type MemoryLimits, ModuleBuilder } from "./module-builder.js";
export { type ScatterAdd, type ScatterAddType, scatterAdd, scatterAddModule } from "./scatter-add.js";
export {
  compileModule,
  exportedFunction,
  instantiate,
  isMemory,
  isShared,
  mostPages,
  newMemory,
  pageBytes,
  type WebAssemblyExports,
  type WebAssemblyFunction,
  type WebAssemblyImports,
  type WebAssemblyMemory,
  type WebAssemblyModule,
} from "./web-assembly.js";
export {
  type KernelOperands,
  runTogether,
  type SharedKernel,
  setThreads,
  threads,
  workersAreReady,
} from "./worker-pool.js";
