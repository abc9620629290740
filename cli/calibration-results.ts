import { Option } from "commander";
import {
  type Calibration,
  type CalibrationTest,
  calibrate,
  DEFAULT_ACCURACY,
  type Run,
  saveCheckpoint,
  testCalibration,
} from "../lm/index.js";
import { percentText } from "../scheme/index.js";
import { realNumber } from "./option-values.js";

/** When a model abstains, and what that comes to on other questions. */
export interface Calibrated {
  readonly calibration: Calibration;
  readonly test: CalibrationTest;
}

/** The option for how often an answer that is given is to be right. */
export const accuracyOption = () =>
  new Option(
    "--accuracy <share>",
    "calibrate the model to abstain so that of its answers this share is right, were half of the questions wrong ones",
  )
    .argParser(realNumber(0.5, 1))
    .default(DEFAULT_ACCURACY);

/** Calibrates a run's model, tests that on other questions, and writes it to the checkpoint. */
export async function calibrateCheckpoint(
  checkpoint: string,
  run: Run,
  options: { readonly accuracy: number; readonly test?: number; readonly questions?: number },
): Promise<Calibrated> {
  const calibration = calibrate(run, options);
  await saveCheckpoint(checkpoint, { ...run, calibration });
  return { calibration, test: testCalibration(run, calibration, options.test) };
}

/** A calibration as data; its curve is left out, as it has a point for each question. */
export function calibrationSummary({ calibration, test: { riskCoverage: _, ...test } }: Calibrated) {
  return { ...calibration, test };
}

/** The same as text. */
export function calibrationText({ calibration, test }: Calibrated): string {
  const { threshold, accuracy, temperature, questions } = calibration;
  const { before, tempered, beforeOnAll, certaintyOnAll } = test.calibrationError;
  const percent = (share: number | undefined) => (share === undefined ? "none answered" : percentText(share));
  const kinds = Object.entries(test.refusedByKind).map(([kind, share]) => `${kind} ${percentText(share)}`);
  const manners = Object.entries(test.coverageByManner).map(([manner, share]) => `${manner} ${percentText(share)}`);
  const figures: [string, string][] = [
    [
      "abstains",
      threshold === 1
        ? `always: on its ${questions} questions no threshold has ${percentText(accuracy)} of the answers right`
        : `unless certainty is above ${threshold.toFixed(3)}, for ${percentText(accuracy)} right answers (${questions} questions)`,
    ],
    [
      "right questions",
      `${percentText(test.coverage)} answered: ${manners.join(", ")} (${test.questions} others, half of them wrong ones)`,
    ],
    [
      "right answers",
      `${percent(test.accuracy)} of those given; of right questions ${percent(test.accuracyOfRight)}, ${percentText(test.accuracyWithoutAbstention)} without abstaining`,
    ],
    ["wrong questions", `${percentText(test.refused)} refused: ${kinds.join(", ")}`],
    [
      "calibration error",
      `${percentText(before)} on right questions, ${percentText(tempered)} at temperature ${temperature.toFixed(2)}; on all ${percentText(beforeOnAll)}, of certainty ${percentText(certaintyOnAll)}`,
    ],
  ];
  return figures.map(([label, text]) => `${label.padEnd(17)} ${text}`).join("\n");
}
