export { anfToGraph } from "./anf-to-graph.js";
export { type CompileOptions, compile } from "./compile.js";
export { compose } from "./compose.js";
export { type BinaryForm, binaryForms, type EmitForm, type EmitOptions, emitForms } from "./emit.js";
export { type ExplainOptions, explain } from "./explain.js";
export {
  type Explanation,
  type Extent,
  explanationText,
  type Fault,
  type Kink,
  type Place,
  type Ranges,
} from "./explanation.js";
export { type Fit, type FitMethod, type FitOptions, fit, fitMethods } from "./fit.js";
export type { FitData } from "./fit-problem.js";
export type { Bounds } from "./fit-starts.js";
export type { Graph, Node, Region } from "./graph.js";
export type { GraphOp } from "./graph-ops.js";
export { DirectModule } from "./module.js";
export { type AdaptiveProblem, dormandPrince } from "./ode/dormand-prince.js";
export { euler, type FixedStepProblem, rungeKutta4 } from "./ode/fixed-steps.js";
export type { OdeSolution } from "./ode/ode-solution.js";
export type { OdeProblem, RightHandSides } from "./ode/ode-system.js";
export { AdamArrays } from "./optimizers/adam-arrays.js";
export { type AdamSettings, adamStep, type Moments, withMoments } from "./optimizers/adam-step.js";
export type { PreparedBatch } from "./prepared-batch.js";
export { type LayerOptions, registerProgramLayers } from "./program-layer.js";
export { gradientGraph } from "./reverse-mode.js";
export type { GivenValue, NestedNumbers } from "./shaped-values.js";
export type { BatchInputs, Inputs } from "./signature.js";
export type { Floats } from "./slots.js";
