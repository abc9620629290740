export { anfToGraph, graphSize } from "./anf-to-graph.js";
export { type CompileOptions, compile } from "./compile.js";
export type { Graph, Node, Region } from "./graph.js";
export type { GraphOp } from "./graph-ops.js";
export {
  type BatchInputs,
  DirectModule,
  type EmitForm,
  emitForms,
  type Inputs,
  type PreparedBatch,
} from "./module.js";
export { gradientGraph } from "./reverse-mode.js";
export type { Floats } from "./slots.js";
