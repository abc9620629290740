/** A small transformer that learns, from answers alone, to use a library of programs. */

export { type Answer, type AskOptions, ask, type Likely, type SecondCall } from "./ask.js";
export { BitMachine } from "./bit-machine.js";
export { type BitReading, type BitReadingOptions, digitTable, readBits } from "./bit-reading.js";
export {
  type CalibrateOptions,
  type Calibration,
  type CalibrationTest,
  calibrate,
  DEFAULT_ACCURACY,
  type ReliabilityBin,
  testCalibration,
} from "./calibration.js";
export {
  type CalibrationQuestion,
  calibrationQuestions,
  type Manner,
  type Purpose,
  type WrongKind,
} from "./calibration-questions.js";
export { type LoadOptions, loadCheckpoint, saveCheckpoint } from "./checkpoint.js";
export { NUMERALS, type Numerals, valueOfDigits } from "./compiled-numerals.js";
export { DIGITS, NUMBERS, type Numbers } from "./digit-numbers.js";
export { templateSplits } from "./early-stopping.js";
export { ENCODER_PACKAGES, type Encoder, openEncoder } from "./encoder.js";
export { type Evaluation, evaluate, type HeldOutOptions, heldOutSentences, writtenAccuracy } from "./evaluate.js";
export {
  type FibonacciOptions,
  fibonacciDepth,
  fibonacciLibrary,
  fibonacciName,
  fibonacciOfDepth,
} from "./fibonacci-by-depth.js";
export { OPERAND_HEADS, type OperandHeads } from "./heads.js";
export {
  evaluateLongNumbers,
  type LongNumberAccuracy,
  type LongNumberEvaluation,
  type LongNumberOptions,
  longNumberSentences,
  type OperandLength,
} from "./long-numbers.js";
export { EMBEDDINGS, type Embeddings, type MachineLayerSizes, OUTPUTS, type Output } from "./machine-layer.js";
export { Model } from "./model.js";
export type { ModelSizes } from "./model-sizes.js";
export { checkNumerals, type NumeralCheck } from "./numeral-check.js";
export { OBJECTIVES, type Objective } from "./objectives.js";
export {
  type Bound,
  completeOptions,
  DEFAULT_OPTIONS,
  isNamed,
  MAX_EVALUATED,
  OPTION_BOUNDS,
  OPTION_NAMES,
  type TrainOptions,
  TWO_CALL_DEFAULTS,
} from "./options.js";
export { BASIC_PROGRAMS, hasPhrases } from "./phrases/phrases.js";
export type { CallReading, Reading } from "./reading.js";
export type { History, Measurement, Run } from "./run.js";
export {
  isHeldOut,
  leavesOperandsOut,
  parseSentences,
  type Sentence,
  SentenceSource,
  type Split,
  type Step,
  type TemplateChoice,
} from "./sentences.js";
export {
  EXECUTIONS,
  type Execution,
  type ExecutionOptions,
  SuperposedCall,
  superposedCall,
  superposedLoss,
} from "./superposed-call.js";
export { answerLoss, CallTable } from "./tabulated-call.js";
export { fill, type Template, templatesOf } from "./templates.js";
export { NO_ENCODER, openTextInput, type TextInput, type TextInputOptions } from "./text-input.js";
export { LLAMA3, llama3Tokenizer, openTokenizer, type Tokenizer } from "./tokenizer.js";
export {
  dataOf,
  type Outcome,
  type Progress,
  resume,
  type TrainData,
  type TrainHooks,
  type TrainResult,
  train,
} from "./train.js";
export { holdsLog } from "./training-log.js";
export { isHeldOutPair, TwoStepSource, type TwoStepSplit } from "./two-step-sentences.js";
export { checkUsed } from "./unused-options.js";
