/** What a training run can be told, with the values it takes otherwise. */
import { selectionForms } from "../library/index.js";
import { SoftmachineError, suggestion } from "../scheme/index.js";
import { BACKEND_NAMES, type BackendName } from "../tensor/index.js";
import { NUMERALS } from "./compiled-numerals.js";
import { NUMBERS } from "./digit-numbers.js";
import { OPERAND_HEADS, PROGRAM_CHOICES, PROGRAM_HEADS } from "./heads.js";
import { EMBEDDINGS, OUTPUTS } from "./machine-layer.js";
import { checkModelSizes, type ModelSizes } from "./model-sizes.js";
import { OBJECTIVES } from "./objectives.js";
import { EXECUTIONS, type ExecutionOptions } from "./superposed-call.js";
import { checkTextInput, NO_ENCODER, type TextInputOptions } from "./text-input.js";
import { LLAMA3 } from "./tokenizer.js";

/** Settings of a run. With the library they determine its result, number for number. */
export interface TrainOptions extends ModelSizes, ExecutionOptions, TextInputOptions {
  readonly backend: BackendName;
  readonly seed: number;
  /** The most steps to take; the learning rate decays towards them. */
  readonly steps: number;
  /** Sentences a step. */
  readonly batch: number;
  readonly learningRate: number;
  /** The numeral table's rate, as a multiple of the learning rate. */
  readonly numeralRateFactor: number;
  /** Steps over which the rate rises from 0. */
  readonly warmUp: number;
  /** The part of the rate that is left at the last step; a cosine leads there. */
  readonly decayTo: number;
  /** The global norm that gradients are clipped to. */
  readonly clipNorm: number;
  /** The share of one-operand programs, which teach numerals, at the first step. */
  readonly oneOperandShare: number;
  /** Their share once the curriculum is over. */
  readonly oneOperandShareLater: number;
  /** Steps that the curriculum takes. */
  readonly curriculumSteps: number;
  /** The share of two-step questions once the curriculum is over, where a question may take two calls. */
  readonly twoStepShare: number;
  /** How often the operands of such a question are drawn again where the other order of its programs has the same answer. */
  readonly twoStepTelling: number;
  /**
   * The share of words left out of generated sentences of one step at first, numbers never: it keeps a parse from hanging on
   * one word.
   */
  readonly wordDropout: number;
  /** That share at the last step; it goes there evenly. */
  readonly wordDropoutLater: number;
  /** The most training templates of each program; where it has more, the seed chooses which. Two steps take their phrases. */
  readonly templates: number;
  /** The share of own sentences, where there are any. */
  readonly ownShare: number;
  /** Held-out accuracy is measured every so many steps. */
  readonly evaluateEvery: number;
  /** Sentences of each held-out kind in such a measurement. */
  readonly evaluateSentences: number;
  /** Training ends early once both held-out accuracies reach this; above 1, never. */
  readonly target: number;
  /** Training ends early once neither held-out accuracy got better in so many measurements; 0: never. */
  readonly patience: number;
  /** A checkpoint is written every so many steps, where a file for it is given. */
  readonly checkpointEvery: number;
}

export const DEFAULT_OPTIONS: TrainOptions = {
  backend: "auto",
  seed: 1,
  steps: 800,
  batch: 64,
  learningRate: 4e-3,
  numeralRateFactor: 30,
  warmUp: 50,
  decayTo: 0.05,
  clipNorm: 1,
  oneOperandShare: 0.8,
  oneOperandShareLater: 0.2,
  curriculumSteps: 150,
  twoStepShare: 0.7,
  twoStepTelling: 0,
  wordDropout: 0.05,
  wordDropoutLater: 0.05,
  templates: 1000,
  ownShare: 0.5,
  evaluateEvery: 50,
  evaluateSentences: 512,
  target: 2,
  patience: 0,
  checkpointEvery: 200,
  hidden: 64,
  layers: 2,
  heads: 4,
  keyValueHeads: 2,
  feedForward: 160,
  calls: 1,
  laterLayers: 0,
  output: "value",
  embeddings: "tied",
  answerWeight: 1,
  operandHeads: "pointing",
  programHeads: "last",
  programChoice: "any",
  objective: "answers",
  numbers: "tokens",
  tokenizer: LLAMA3,
  encoder: NO_ENCODER,
  numerals: "learned",
  numeralSharpness: 12,
  execution: "tabulated",
  selection: "separate runs",
  machineSteps: 0,
};

/** What two calls take otherwise, where nothing else that is asked for stands against it. */
export const TWO_CALL_DEFAULTS = {
  layers: 4,
  laterLayers: 1,
  programHeads: "pointing",
  numbers: "placeholders",
  steps: 2000,
  learningRate: 2e-3,
  curriculumSteps: 250,
  twoStepShare: 0.75,
  twoStepTelling: 8,
  wordDropout: 0.2,
  wordDropoutLater: 0.2,
  evaluateEvery: 100,
} as const satisfies Partial<TrainOptions>;

/** The defaults beside what is given. */
function defaultsBeside({ calls, objective, operandHeads, encoder }: Readonly<Record<string, unknown>>): TrainOptions {
  if (calls !== 2) return DEFAULT_OPTIONS;
  const { programHeads, numbers, ...others } = TWO_CALL_DEFAULTS;
  const called = objective === "direct" ? {} : { programHeads };
  const pointed =
    objective === "direct" || operandHeads === "free" || (encoder ?? NO_ENCODER) !== NO_ENCODER ? {} : { numbers };
  return { ...DEFAULT_OPTIONS, ...others, ...called, ...pointed };
}

/** Options that are one of some names; a tokenizer's and an encoder's place can be any text. */
type NamedOption = {
  [K in keyof TrainOptions]: TrainOptions[K] extends string ? (string extends TrainOptions[K] ? never : K) : never;
}[keyof TrainOptions];

/** What an option that is a name may be. */
export const OPTION_NAMES = {
  backend: BACKEND_NAMES,
  operandHeads: OPERAND_HEADS,
  programHeads: PROGRAM_HEADS,
  programChoice: PROGRAM_CHOICES,
  objective: OBJECTIVES,
  numbers: NUMBERS,
  output: OUTPUTS,
  embeddings: EMBEDDINGS,
  numerals: NUMERALS,
  execution: EXECUTIONS,
  selection: selectionForms,
} as const satisfies { [K in NamedOption]: readonly TrainOptions[K][] };

/** Whether an option is a name. */
export const isNamed = (option: string): option is keyof typeof OPTION_NAMES => Object.hasOwn(OPTION_NAMES, option);

/** The most held-out sentences that a model is evaluated on at once. */
export const MAX_EVALUATED = 1_000_000;

/** What a numeric option may be. */
export interface Bound {
  readonly min: number;
  readonly max?: number;
  readonly whole?: boolean;
}

/** Upper bounds of sizes are far above what is of use here, and keep a slip of the finger from asking for all memory. */
export const OPTION_BOUNDS: {
  readonly [K in keyof TrainOptions as TrainOptions[K] extends number ? K : never]: Bound;
} = {
  seed: { min: 0, max: 2 ** 32 - 1, whole: true },
  steps: { min: 1, max: 100_000_000, whole: true },
  batch: { min: 1, max: 65_536, whole: true },
  learningRate: { min: 0 },
  numeralRateFactor: { min: 0 },
  warmUp: { min: 0, whole: true },
  decayTo: { min: 0, max: 1 },
  clipNorm: { min: 0 },
  oneOperandShare: { min: 0, max: 1 },
  oneOperandShareLater: { min: 0, max: 1 },
  curriculumSteps: { min: 0, whole: true },
  twoStepShare: { min: 0, max: 1 },
  twoStepTelling: { min: 0, max: 1000, whole: true },
  wordDropout: { min: 0, max: 1 },
  wordDropoutLater: { min: 0, max: 1 },
  templates: { min: 1, whole: true },
  ownShare: { min: 0, max: 1 },
  evaluateEvery: { min: 1, whole: true },
  evaluateSentences: { min: 1, max: MAX_EVALUATED, whole: true },
  target: { min: 0 },
  patience: { min: 0, whole: true },
  checkpointEvery: { min: 1, whole: true },
  machineSteps: { min: 0, max: 65_536, whole: true },
  hidden: { min: 2, max: 4096, whole: true },
  layers: { min: 1, max: 64, whole: true },
  heads: { min: 1, max: 256, whole: true },
  keyValueHeads: { min: 1, max: 256, whole: true },
  feedForward: { min: 1, max: 16_384, whole: true },
  calls: { min: 1, max: 2, whole: true },
  laterLayers: { min: 0, max: 64, whole: true },
  answerWeight: { min: 0 },
  numeralSharpness: { min: 0, max: 80 },
};

/**
 * The defaults with `given` put over them; two calls have some of their own.
 *
 * @throws SoftmachineError naming an option that is unknown, of the wrong kind or out of bounds, or sizes that make no
 * model.
 */
export function completeOptions(given: Partial<TrainOptions> | Readonly<Record<string, unknown>>): TrainOptions {
  const options = { ...defaultsBeside(given) };
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined) continue;
    if (!Object.hasOwn(DEFAULT_OPTIONS, name)) {
      throw new SoftmachineError(`unknown training option "${name}"${suggestion(name, Object.keys(DEFAULT_OPTIONS))}`);
    }
    if (isNamed(name)) checkName(name, value, OPTION_NAMES[name]);
    else if (name === "tokenizer" || name === "encoder") checkPlace(name, value);
    else checkNumber(name, value, OPTION_BOUNDS[name as keyof typeof OPTION_BOUNDS]);
    Object.assign(options, { [name]: value });
  }
  checkModelSizes(options);
  checkTextInput(options);
  return options;
}

function checkName(name: string, value: unknown, known: readonly string[]): void {
  if (typeof value === "string" && known.includes(value)) return;
  throw new SoftmachineError(
    `training option "${name}" is ${JSON.stringify(value)}; known: ${known.join(", ")}${suggestion(String(value), known)}`,
  );
}

function checkPlace(name: string, value: unknown): void {
  if (typeof value === "string" && value !== "") return;
  throw new SoftmachineError(
    `training option "${name}" is ${JSON.stringify(value)}; it is the place of a file or folder`,
  );
}

function checkNumber(
  name: string,
  value: unknown,
  { min, max = Number.POSITIVE_INFINITY, whole = false }: Bound,
): void {
  // JSON has no infinity: a checkpoint could not be read again.
  const isNumber = typeof value === "number" && Number.isFinite(value);
  if (isNumber && value >= min && value <= max && (!whole || Number.isSafeInteger(value))) return;
  const range = max === Number.POSITIVE_INFINITY ? `at least ${min}` : `from ${min} to ${max}`;
  throw new SoftmachineError(
    `training option "${name}" is ${typeof value === "number" ? value : JSON.stringify(value)}; it is a ${whole ? "whole " : ""}number ${range}`,
  );
}
