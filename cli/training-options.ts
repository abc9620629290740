import { type Command, Option } from "commander";
import {
  type Bound,
  checkUsed,
  completeOptions,
  DEFAULT_OPTIONS,
  isNamed,
  MAX_EVALUATED,
  OPTION_BOUNDS,
  OPTION_NAMES,
  type TrainOptions,
  TWO_CALL_DEFAULTS,
} from "../lm/index.js";
import { messageOf, SoftmachineError } from "../scheme/index.js";
import { BACKEND_NAMES } from "../tensor/index.js";
import { UsageError } from "./failures.js";
import { oneOf, realNumber, wholeNumber } from "./option-values.js";

type OptionName = keyof TrainOptions;

/** What each training option is, in the order that help shows. */
const descriptions: { readonly [K in OptionName]: string } = {
  backend: `what computes tensors (${BACKEND_NAMES.join(", ")})`,
  seed: "of everything random",
  steps: "the most steps to take",
  batch: "sentences a step",
  target: "stop once both held-out accuracies reach this; above 1, never",
  patience: "stop when neither got better in so many measurements, and keep the best parameters; 0: never",
  learningRate: "Adam's, at its peak",
  numeralRateFactor: "the numeral table's rate, as a multiple of that",
  warmUp: "steps over which the rate rises",
  decayTo: "the part of the rate left at the last step",
  clipNorm: "the global norm that gradients are clipped to",
  oneOperandShare: "share of one-operand programs at first: they teach numerals",
  oneOperandShareLater: "their share after the curriculum",
  curriculumSteps: "steps that the curriculum takes",
  twoStepShare: "share of two-step questions after the curriculum, where a question may take two calls",
  twoStepTelling: "draws of a two-step question's operands where the other order of its programs has the same answer",
  ownShare: "share of own sentences, where there are any",
  evaluateEvery: "steps between measurements of held-out accuracy",
  evaluateSentences: "sentences of each kind in such a measurement",
  checkpointEvery: "steps between checkpoints",
  hidden: "width of the model",
  layers: "layers of the model",
  heads: "attention heads",
  keyValueHeads: "key and value heads, shared by groups of heads",
  feedForward: "width of the feed-forward part",
  calls: "calls a question may take: 1, or 2 of which the second may use the first one's result",
  laterLayers: "layers after a call whose result something reads: a second call, or a token head",
  output: `what an answer is (${OPTION_NAMES.output.join(", ")}): a call's result, or words that a token head writes besides`,
  embeddings: `whether results and written words share the rows of words that are read (${OPTION_NAMES.embeddings.join(", ")})`,
  answerWeight: "the weight of the answer's loss beside that of its words, where it is written",
  wordDropout: "share of words left out of training sentences at first",
  wordDropoutLater: "that share at the last step, where it ends evenly",
  templates: "the most training templates of each program",
  operandHeads: `how operands are read (${OPTION_NAMES.operandHeads.join(", ")})`,
  programHeads: `how programs are found (${OPTION_NAMES.programHeads.join(", ")})`,
  programChoice: `which programs a text may ask for (${OPTION_NAMES.programChoice.join(", ")}): all, or, where there is one call, those that take no more operands than it has numbers`,
  numbers: `how numbers are read (${OPTION_NAMES.numbers.join(", ")}): each its own token, all the same to the transformer, or by its digits, to 32 bits when asked`,
  numerals: `the numeral table (${OPTION_NAMES.numerals.join(", ")}): learned from nothing, compiled and trained on, compiled and kept`,
  numeralSharpness: "compiled numerals: the logit of the right value, where the others' is 0",
  objective: `what is learned from (${OPTION_NAMES.objective.join(", ")}): answers of the library's calls, labelled calls, answers without a library`,
  tokenizer: "a tokenizer.json, or a folder with one",
  encoder: "a folder with a frozen pretrained model, whose states replace the embedding",
  execution: `how programs are run (${OPTION_NAMES.execution.join(", ")}): looked up, or stepped on the soft machine`,
  selection: `how programs share the soft machine in superposition (${OPTION_NAMES.selection.join(", ")})`,
  machineSteps: "steps of the soft machine in superposition; 0: as many as the longest run",
};

const kebab = (name: string) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

const isOptionName = (name: string): name is OptionName => Object.hasOwn(descriptions, name);

/** The option for what computes tensors. */
export const backendOption = () => new Option("--backend <name>", descriptions.backend).argParser(oneOf(BACKEND_NAMES));

const placed = (name: "tokenizer" | "encoder", standard: unknown) =>
  new Option(`--${name} <place>`, `${descriptions[name]} (default: ${standard})`);

/** The option for where the tokenizer is. */
export const tokenizerOption = (standard: unknown = "where training found it") => placed("tokenizer", standard);

/** The option for where the pretrained encoder is. */
export const encoderOption = (standard: unknown = "where training found it") => placed("encoder", standard);

/** The option for how many held-out sentences a trained model is tested on. */
export const testOption = () =>
  new Option("--test <count>", "held-out sentences of each kind to test on at the end")
    .argParser(wholeNumber(1, MAX_EVALUATED))
    .default(1000);

const numberWithin = ({ min, max, whole }: Bound) =>
  whole ? wholeNumber(min, max) : realNumber(min, max ?? Number.POSITIVE_INFINITY);

/** An option's default, and that of two calls where they have their own. */
function standardOf(name: OptionName): string {
  const own: Partial<TrainOptions> = TWO_CALL_DEFAULTS;
  return own[name] === undefined
    ? `${DEFAULT_OPTIONS[name]}`
    : `${DEFAULT_OPTIONS[name]}; with --calls 2: ${own[name]}`;
}

/** One option for each of the training run's, with its default in the help. */
export function addTrainingOptions(command: Command, names: readonly string[] = Object.keys(descriptions)): Command {
  for (const name of names.filter(isOptionName)) {
    const standard = DEFAULT_OPTIONS[name];
    if (name === "backend") command.addOption(backendOption());
    else if (name === "tokenizer") command.addOption(tokenizerOption(standard));
    else if (name === "encoder") command.addOption(encoderOption(standard));
    else {
      const [word, parser] = isNamed(name)
        ? ["name", oneOf(OPTION_NAMES[name])]
        : ["number", numberWithin(OPTION_BOUNDS[name])];
      const option = new Option(`--${kebab(name)} <${word}>`, `${descriptions[name]} (default: ${standardOf(name)})`);
      command.addOption(option.argParser<string | number>(parser));
    }
  }
  return command;
}

/**
 * The training options among a command's options.
 *
 * @throws UsageError for one that is impossible, or would change nothing.
 */
export function trainingOptions(options: Readonly<Record<string, unknown>>): Partial<TrainOptions> {
  const given = Object.fromEntries(Object.entries(options).filter(([name]) => isOptionName(name)));
  try {
    // What a checkpoint goes on with is known only when it is read.
    (options.resume ? completeOptions : checkUsed)(given);
  } catch (error) {
    throw error instanceof SoftmachineError ? new UsageError(messageOf(error)) : error;
  }
  return given;
}
