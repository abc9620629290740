/** One source language, and every path from it: exact modules, register machines, a library, and a model that uses it. */
export { type Assembly, assemble, type Image, link, parseAssembly, printAssembly } from "./assembler/index.js";
export {
  type BatchInputs,
  type CompileOptions,
  compile,
  DirectModule,
  type Inputs,
  type PreparedBatch,
} from "./direct/index.js";
export {
  buildLibrary,
  Library,
  loadPackage,
  type PackagedProgram,
  parseProgramFile,
  readPrograms,
  writePackage,
} from "./library/index.js";
export {
  ask,
  evaluate as evaluateModel,
  loadCheckpoint,
  Model,
  saveCheckpoint,
  type TrainOptions,
  train,
} from "./lm/index.js";
export {
  type ExactResult,
  flash,
  flashLogits,
  initialState,
  oneHot,
  programFromLogits,
  runExact,
  type SoftGradients,
  type SoftProgram,
  type SoftState,
  softBackward,
  softForward,
  softRun,
  type TabulatedProgram,
  tabulate,
  tabulatedCall,
  tabulatedCallGradient,
  traceExact,
} from "./machine/index.js";
export {
  aNormalForm,
  BudgetError,
  type CoreProgram,
  DomainError,
  evaluateReference,
  type OpName,
  ops,
  printAnf,
  printCore,
  readProgram,
  SoftmachineError,
  SourceError,
} from "./scheme/index.js";
export { type BackendName, useBackend } from "./tensor/index.js";
