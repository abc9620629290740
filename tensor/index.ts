/** TensorFlow.js: which backend runs, the kernels it lacks, tensors in files, protocol buffers. */
export {
  BACKEND_NAMES,
  type BackendName,
  isBackendName,
  type TensorFlowModule,
  tensorFlow,
  useBackend,
} from "./backend.js";
export { type Blocks, type ColumnLayout, type ColumnProgram, type RowBlocks, runColumns } from "./column-program.js";
export { heapOf } from "./heap.js";
export { registerMissingKernels } from "./kernels.js";
export { makeFolder } from "./make-folder.js";
export { field, joined, type Message } from "./protocol-buffers.js";
export {
  decodeSafetensors,
  encodeSafetensors,
  type NamedArray,
  readSafetensors,
  type SafetensorsFile,
  type TensorArray,
  writeSafetensors,
} from "./safetensors.js";
