import {
  checkNumerals,
  type Evaluation,
  evaluate,
  heldOutSentences,
  leavesOperandsOut,
  type TrainResult,
  templateSplits,
  writtenAccuracy,
} from "../lm/index.js";
import { percentText, secondsText } from "../scheme/index.js";
import { type Calibrated, calibrationSummary } from "./calibration-results.js";
import { type Cell, textTable } from "./text-table.js";

/** How well a trained model answers sentences that its training never saw. */
export interface HeldOut {
  /** Unseen operands in known templates. */
  readonly operands: Evaluation;
  /** Unseen operands in unseen templates. */
  readonly templates: Evaluation;
  /** The share of the latter whose answer is written out right, where answers are. */
  readonly written?: number;
  /** Own sentences, all of which were learned from. */
  readonly own?: Evaluation;
}

/** Evaluates on sentences other than those that training measured itself on and stopped by. */
export function evaluateHeldOut({ model, options, sentences: own }: TrainResult, sentences: number): HeldOut {
  const { programs } = model.table;
  const drawn = { seed: (options.seed + 0x5eed) % 2 ** 32, calls: options.calls, trainedTemplates: options };
  const unseen = heldOutSentences(programs, templateSplits(options).tested, sentences, drawn);
  return {
    operands: evaluate(model, heldOutSentences(programs, "held-out operands", sentences, drawn)),
    templates: evaluate(model, unseen),
    ...(options.output === "text" && { written: writtenAccuracy(model, unseen) }),
    ...(own.length > 0 && { own: evaluate(model, own) }),
  };
}

/** The figures of a training run as data. */
export function trainingSummary(result: TrainResult, heldOut: HeldOut) {
  const { model, history, outcome, options } = result;
  const share = ({ sentences, accuracy, parsedAccuracy }: Evaluation) => ({ sentences, accuracy, parsedAccuracy });
  return {
    outcome,
    steps: history.losses.length,
    // With --patience, the model is that of the best measurement.
    modelOfStep: model.step,
    seconds: history.seconds,
    loss: history.losses.at(-1),
    heldOutOperands: share(heldOut.operands),
    heldOutTemplates: share(heldOut.templates),
    ...(heldOut.written !== undefined && { written: heldOut.written }),
    ...(heldOut.own && { ownSentences: share(heldOut.own) }),
    byProgram: heldOut.templates.byProgram,
    measurements: history.measurements,
    parameters: model.parameterCount,
    numerals: checkNumerals(model),
    options,
  };
}

/** The same of a run whose model is calibrated. */
export const calibratedSummary = (result: TrainResult, heldOut: HeldOut, calibrated: Calibrated) => ({
  ...trainingSummary(result, heldOut),
  calibration: calibrationSummary(calibrated),
});

/** The figures of a run whose model is calibrated. */
export type TrainingSummary = ReturnType<typeof calibratedSummary>;

/** Why a run ended, and of which step its model is where that is not the last one. */
export const outcomeText = ({
  outcome,
  steps,
  modelOfStep,
}: Pick<TrainingSummary, "outcome" | "steps" | "modelOfStep">) =>
  modelOfStep === steps ? outcome : `${outcome}; kept the best, of step ${modelOfStep}`;

/** The same as text: figures, then accuracy by program. */
export function trainingText(result: TrainResult, heldOut: HeldOut): string {
  const { model, history, outcome, options } = result;
  const { dense, embedding, numerals } = model.parameterCount;
  const steps = history.losses.length;
  const accuracy = ({ accuracy: share, sentences }: Evaluation) => `${percentText(share)} of ${sentences} sentences`;
  const written = (share: number): [string, string] => [
    "written answers",
    `${percentText(share)} right, word for word`,
  ];
  const own = (evaluation: Evaluation): [string, string] => ["own sentences", `${accuracy(evaluation)} learned from`];
  const figures: [string, string][] = [
    ["outcome", outcomeText({ outcome, steps, modelOfStep: model.step })],
    ["training", `${steps} steps, ${secondsText(history.seconds)}`],
    ["last loss", (history.losses.at(-1) ?? Number.NaN).toFixed(4)],
    leavesOperandsOut(model.table.programs)
      ? ["unseen operands", accuracy(heldOut.operands)]
      : ["operands", `${accuracy(heldOut.operands)}; training left no operands out`],
    ["unseen templates", accuracy(heldOut.templates)],
    ...(heldOut.written === undefined ? [] : [written(heldOut.written)]),
    ...(heldOut.own === undefined ? [] : [own(heldOut.own)]),
    ["parameters", `${dense} shared, ${embedding} in embedding rows, ${numerals} in numeral rows`],
  ];
  const checked = checkNumerals(model);
  if (checked !== undefined) {
    figures.push(["numerals", `${options.numerals}; ${checked.right} of ${checked.numbers} read right`]);
  }
  const programs = model.table.programs.map(({ name }): Cell[] => {
    const share = (evaluation: Evaluation) => {
      const found = evaluation.byProgram[name];
      return found === undefined ? "-" : `${percentText(found.accuracy)} of ${found.sentences}`;
    };
    return [name, share(heldOut.operands), share(heldOut.templates)];
  });
  const lines = figures.map(([label, text]) => `${label.padEnd(17)} ${text}`);
  return `${lines.join("\n")}\n\n${textTable(["program", "unseen operands", "unseen templates"], programs)}`;
}
