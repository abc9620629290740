/** A small transformer that learns, from answers alone, to use a library of programs. */

export { type Answer, ask, type Likely, type SecondCall } from "./ask.js";
export { type LoadOptions, loadCheckpoint, saveCheckpoint } from "./checkpoint.js";
export { type Evaluation, evaluate, heldOutSentences } from "./evaluate.js";
export { OPERAND_HEADS, type OperandHeads } from "./heads.js";
export { EMBEDDINGS, type Embeddings, type MachineLayerSizes, OUTPUTS, type Output } from "./machine-layer.js";
export { type CallReading, Model, type ModelSizes, type Reading } from "./model.js";
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
} from "./options.js";
export { BASIC_PROGRAMS, hasPhrases } from "./phrases/phrases.js";
export type { History, Measurement, Run } from "./run.js";
export { isHeldOut, parseSentences, type Sentence, SentenceSource, type Split, type Step } from "./sentences.js";
export { answerLoss, CallTable } from "./tabulated-call.js";
export { fill, type Template, templatesOf } from "./templates.js";
export { llama3Tokenizer, type Tokenizer } from "./tokenizer.js";
export {
  type Outcome,
  type Progress,
  resume,
  type TrainData,
  type TrainHooks,
  type TrainResult,
  train,
} from "./train.js";
export { isHeldOutPair, TwoStepSource } from "./two-step-sentences.js";
