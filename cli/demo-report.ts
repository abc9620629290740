import type {
  AskedSentence,
  ComparisonSection,
  LibrarySection,
  PathResult,
  ReportContent,
  TrainingSection,
} from "../experiments/index.js";
import { percentText, secondsText, type Value } from "../scheme/index.js";
import type { FullAnswer } from "./asking.js";
import type { Demonstration } from "./demo.js";
import { firstSentence } from "./library-tables.js";
import { softRunOf } from "./soft-run-report.js";

/** What the demonstration has shown, as the report's page takes it. */
export function demoReport(shown: Demonstration): ReportContent {
  const { training, heldOut, times, library } = shown;
  return {
    title: "softmachine",
    summary:
      "Programs in a small Scheme were compiled to exact differentiable modules and to register-machine assembly, " +
      "verified against each other, and called by a small transformer that learned to use them from answers alone.",
    figures: [
      { label: "Programs verified", value: library.programs.length, note: `values 0 to ${library.n - 1}` },
      {
        label: "Unseen operands answered",
        value: percentText(heldOut.operands.accuracy),
        note: `${heldOut.operands.sentences} sentences`,
      },
      {
        label: "Unseen templates answered",
        value: percentText(heldOut.templates.accuracy),
        note: `${heldOut.templates.sentences} sentences`,
      },
      { label: "Training", value: secondsText(training.history.seconds), note: `${training.model.step} steps` },
      { label: "In all", value: secondsText(times.reduce((sum, [, seconds]) => sum + seconds, 0)) },
    ],
    library: librarySection(shown),
    comparisons: shown.comparisons.map(comparisonSection),
    training: trainingSection(shown),
    asked: shown.answers.map(askedSentence),
    softRuns: shown.traces.map(softRunOf),
  };
}

function librarySection({ library, reports }: Demonstration): LibrarySection {
  return {
    n: library.n,
    programs: reports.map((report) => {
      const program = library.programs.find(({ name }) => name === report.name);
      const shown = {
        name: report.name,
        operands: program?.operands.map(({ name }) => name) ?? [],
        description: firstSentence(program?.documentation ?? ""),
      };
      if (!report.ok) return { ...shown, instructions: 0, registers: 0, verified: false, note: report.failure.message };
      if (report.verification.kind === "direct") {
        const inputsChecked = report.verification.paths;
        return { ...shown, instructions: 0, registers: 0, inputsChecked, verified: true, note: "on the exact path" };
      }
      const { instructions, registers, steps, exact } = report.verification;
      return {
        ...shown,
        instructions,
        registers,
        worstSteps: steps.worst,
        meanSteps: steps.mean,
        inputsChecked: exact.inputs,
        verified: true,
      };
    }),
  };
}

/** The demonstrated programs take and give numbers alone. */
const numbersOnly = (values: Readonly<Record<string, Value>>): Record<string, number> =>
  Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => (typeof value === "number" ? [[name, value]] : [])),
  );

function comparisonSection({ shown, comparison }: Demonstration["comparisons"][number]): ComparisonSection {
  const onMachines = comparison.paths.some(({ path, value }) => path === "exact machine" && value !== undefined);
  return {
    name: shown.title,
    source: shown.text,
    inputs: numbersOnly(comparison.inputs),
    ...(onMachines
      ? {
          description: `The machines count modulo ${comparison.n} and are compared with the reference modulo ${comparison.n}; their derivatives are changes of the expected result from an operand's value to the next.`,
        }
      : {}),
    paths: comparison.paths.map(
      ({ path, value, expected, gradient, gradientDifference, seconds, note }): PathResult => {
        const differences = [
          ...(typeof value === "number" && typeof expected === "number" ? [Math.abs(value - expected)] : []),
          ...(gradientDifference === undefined ? [] : [gradientDifference]),
        ];
        return {
          path,
          ...(typeof value === "number" ? { value } : {}),
          ...(gradient === undefined ? {} : { gradient: numbersOnly(gradient) }),
          ...(differences.length === 0 ? {} : { difference: Math.max(...differences) }),
          ...(seconds === undefined ? {} : { seconds }),
          ...(note === undefined ? {} : { note }),
        };
      },
    ),
  };
}

function trainingSection({ training, heldOut, calibrated }: Demonstration): TrainingSection {
  const { history, model, options, outcome } = training;
  const steps = history.measurements.map(({ step }) => step);
  const { dense, embedding, numerals } = model.parameterCount;
  return {
    description: "The loss is the mean of -ln P(answer); neither operands nor programs are ever told.",
    loss: [{ name: "training", x: history.losses.map((_, i) => i + 1), y: history.losses }],
    accuracy: [
      { name: "unseen operands", x: steps, y: history.measurements.map(({ operands }) => operands) },
      { name: "unseen templates", x: steps, y: history.measurements.map(({ templates }) => templates) },
    ],
    programAccuracy: model.table.programs.flatMap(({ name }) => {
      const found = heldOut.templates.byProgram[name];
      return found === undefined ? [] : [{ label: name, value: found.accuracy }];
    }),
    calibration: calibrated.test,
    figures: [
      { label: "Outcome", value: `${outcome} after ${model.step} steps` },
      { label: "Sentences a step", value: options.batch },
      {
        label: "Parameters",
        value: dense + embedding + numerals,
        note: `${embedding} of them in embedding rows met so far`,
      },
      { label: "Time", value: secondsText(history.seconds) },
    ],
  };
}

function askedSentence({ answer, operandNames, exact, modulo }: FullAnswer): AskedSentence {
  const { text, program, runnersUp, operands, soft, distribution } = answer;
  return {
    text,
    programs: [program, ...runnersUp].map(({ value, probability }) => ({ choice: value, probability })),
    operands: operands.map(({ value, probability }, i) => ({ choice: `${operandNames[i]} = ${value}`, probability })),
    exactAnswer: exact ?? modulo,
    softAnswer: { choice: soft.value, probability: soft.probability },
    answers: distribution,
  };
}
