export { type Choose, everyOutcome, type Outcome, randomly } from "./adaptive/choices.js";
export { decompileWithConfidence } from "./adaptive/confidence.js";
export { type Decompiled, decompile, hardProgramText } from "./adaptive/decompile.js";
export { withoutIdleLines } from "./adaptive/idle-lines.js";
export type { LossParts, LossWeights } from "./adaptive/loss.js";
export { type MemorizationOptions, type Memorized, memorize } from "./adaptive/memorization.js";
export { type AdaptationOptions, defaultAdaptation } from "./adaptive/options.js";
export { discretise, genericProgram, type Trained, trainedMask } from "./adaptive/parameters.js";
export { numbersOf, type ProgramNumbers, programFromNumbers } from "./adaptive/program-numbers.js";
export { type Counterexample, type ProofOptions, prove, type Verdict } from "./adaptive/proof.js";
export type { AdaptationTask, Example, HardProgram, Range } from "./adaptive/task.js";
export {
  type InputRow,
  type OperandValues,
  type TaskOnInputsOptions,
  taskOnInputs,
} from "./adaptive/task-on-inputs.js";
export {
  Adaptation,
  type AdaptationProgress,
  type AdaptationState,
  type Found,
  type Improvement,
} from "./adaptive/training.js";
export { aluCircuit } from "./alu-circuits.js";
export {
  type BinaryProgram,
  binaryProgramFromLogits,
  flashBinary,
  flashBinaryLogits,
  initialBinaryState,
} from "./binary-program.js";
export {
  type CertaintyLoss,
  certaintyLosses,
  exactStates,
  type StatePart,
  totalEntropy,
} from "./certainty.js";
export { type Circuit, type Gate, gateNames, gates } from "./circuit.js";
export { CircuitAlu, mostBits } from "./circuit-alu.js";
export type { EncodedProgram } from "./encoded-program.js";
export {
  binaryToUnit,
  binaryToUnitGradient,
  bitsOf,
  certainBits,
  likeliestValue,
  unitToBinary,
  unitToBinaryGradient,
} from "./encodings.js";
export {
  defaultStepBudget,
  ExactMachine,
  type ExactOptions,
  type ExactResult,
  type ExactStep,
  entryOf,
  type MachineValues,
  runExact,
  traceExact,
} from "./exact.js";
export { likeliest, likeliestOfRows } from "./likeliest.js";
export { randomDistributions, randomSoftProgram, seededRandom } from "./random-soft-program.js";
export { aluMnemonics, type SoftAlu, type SoftAluGradient } from "./soft-alu.js";
export { type SoftCotangents, type SoftGradients, softBackward } from "./soft-backward.js";
export { type SoftOptions, type SoftResult, type SoftTape, softForward, softRun } from "./soft-forward.js";
export type { Encoding } from "./soft-kernel/context.js";
export type { SoftDtype } from "./soft-layout.js";
export {
  type SoftBackwardOptions,
  SoftMachine,
  type SoftMachineOptions,
  type SoftRunOptions,
} from "./soft-machine.js";
export {
  flash,
  flashLogits,
  logitsGradient,
  programFromLogits,
  type SoftFields,
  type SoftMask,
  type SoftProgram,
} from "./soft-program.js";
export { initialState, oneHot, type SoftState } from "./soft-state.js";
export { type SoftFieldTensors, type SoftTensors, softRunTensors } from "./soft-tensors.js";
export { entropies, type SoftTraceStep, softTrace, type TracePair, tracePair } from "./soft-trace.js";
export type { SoftViews } from "./soft-workspace.js";
export { softmaxGradient, softmaxRows } from "./softmax.js";
export { TableAlu } from "./table-alu.js";
export {
  type AnswerRow,
  LazyTable,
  mostAnswers,
  operandsAt,
  type TabulatedProgram,
  type TabulateOptions,
  tabulate,
} from "./tabulate.js";
export {
  type AnswerTable,
  type Floats,
  type TabulatedGradientOptions,
  tabulatedCall,
  tabulatedCallGradient,
} from "./tabulated-call.js";
