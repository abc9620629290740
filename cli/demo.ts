import path from "node:path";
import type { Command } from "commander";
import { type ReportContent, writeReport } from "../experiments/index.js";
import { type Library, type ProgramReport, writePackage } from "../library/index.js";
import { BASIC_PROGRAMS, DEFAULT_ACCURACY, type TrainOptions, type TrainResult, train } from "../lm/index.js";
import { percentText, SoftmachineError, secondsText } from "../scheme/index.js";
import { answerJson, answerText, askFully, type FullAnswer } from "./asking.js";
import { type Calibrated, calibrateCheckpoint, calibrationSummary, calibrationText } from "./calibration-results.js";
import { compareText } from "./compare.js";
import { type Comparison, compareOnEveryPath } from "./comparison.js";
import {
  accuracyGoal,
  askedSentences,
  comparedPrograms,
  type DemonstratedProgram,
  demonstrationSize,
  tracedPrograms,
} from "./demo-programs.js";
import { demoReport } from "./demo-report.js";
import { Interrupted } from "./failures.js";
import { interruptible } from "./interrupt.js";
import { buildWithProgress, ownPrograms } from "./library-source.js";
import { reportTable } from "./library-tables.js";
import { compileToAssembly, linkAlone } from "./machine-program.js";
import { type MachineTrace, traceOnMachines } from "./machine-trace.js";
import { readDistributions } from "./operand-distributions.js";
import { examples, jsonOption } from "./option-values.js";
import { note, writeJson, writeText } from "./output.js";
import { checkFolder } from "./text-file.js";
import { addTrainingOptions, testOption, trainingOptions } from "./training-options.js";
import { showTraining } from "./training-progress.js";
import { evaluateHeldOut, type HeldOut, trainingSummary, trainingText } from "./training-results.js";

interface DemoOptions extends Readonly<Record<string, unknown>> {
  readonly out: string;
  readonly test: number;
  readonly json?: boolean;
}

/** What the demonstration has shown, for its report. */
export interface Demonstration {
  readonly library: Library;
  readonly reports: readonly ProgramReport[];
  readonly comparisons: readonly { readonly shown: DemonstratedProgram; readonly comparison: Comparison }[];
  readonly traces: readonly MachineTrace[];
  readonly training: TrainResult;
  readonly heldOut: HeldOut;
  readonly calibrated: Calibrated;
  readonly answers: readonly FullAnswer[];
  /** Seconds of each part, in order. */
  readonly times: readonly (readonly [part: string, seconds: number])[];
}

/** `softmachine demo`, which is `npm start`: everything once, from the library to a report. */
export function configureDemo(command: Command): void {
  command.option("--out <folder>", "where the library, the checkpoint and the report are written", "report");
  addTrainingOptions(command, ["backend", "seed", "steps", "batch", "target", "evaluateSentences"])
    .addOption(testOption())
    .addOption(jsonOption())
    .addHelpText("after", examples("softmachine demo", "softmachine demo --out shown --seed 2"))
    .action(demo);
}

async function demo(options: DemoOptions): Promise<void> {
  const settings = trainingOptions(options);
  checkFolder(options.out);
  const shown = await interruptible("stopping…", (signal) => demonstrate(options, settings, signal));
  const page = path.join(options.out, "index.html");
  const content: ReportContent = demoReport(shown);
  await writeReport(page, content);
  note(`wrote ${page}`);
  const summary = summaryOf(shown, options.out);
  if (options.json) await writeJson(demoJson(shown, options.out));
  else await writeText(summary);
  const worst = Math.min(shown.heldOut.operands.accuracy, shown.heldOut.templates.accuracy);
  const goal = typeof settings.target === "number" ? Math.min(settings.target, accuracyGoal) : accuracyGoal;
  if (worst < goal) {
    throw new SoftmachineError(
      `held-out accuracy ${percentText(worst)} is below ${percentText(goal)}: more --steps, or another --seed`,
    );
  }
}

async function demonstrate(
  { out, test, json }: DemoOptions,
  settings: Partial<TrainOptions>,
  signal: AbortSignal,
): Promise<Demonstration> {
  const n = demonstrationSize;
  const times: [string, number][] = [];
  const timed = async <T>(part: string, run: () => Promise<T>): Promise<T> => {
    if (signal.aborted) throw new Interrupted("stopped");
    const start = performance.now();
    const result = await run();
    times.push([part, (performance.now() - start) / 1000]);
    return result;
  };
  const show = (title: string, text: string) => (json ? note(title) : writeText(`\n== ${title}\n\n${text}`));

  const { library, reports } = await timed("library", async () =>
    buildWithProgress({ programs: await ownPrograms(BASIC_PROGRAMS), n }),
  );
  await writePackage(path.join(out, "library"), library);
  await show(`The library, verified (n = ${n})`, reportTable(reports));

  const comparisons = await timed("every path", async () =>
    comparedPrograms(library).map((shown) => ({
      shown,
      comparison: compareOnEveryPath(shown, shown.inputs, { ...shown, n }),
    })),
  );
  for (const { shown, comparison } of comparisons) {
    await show(`One program on every path: ${shown.title}`, `${shown.text.trim()}\n\n${compareText(comparison)}`);
  }
  const traces = await timed("soft runs", async () => tracedPrograms(library).map(trace));

  const checkpoint = path.join(out, "model.safetensors");
  const training = await timed("training", () => trainShown(library, settings, checkpoint, signal));
  if (training.outcome === "stopped") {
    throw new Interrupted(
      `stopped at step ${training.model.step}; softmachine train --resume --checkpoint ${checkpoint} continues`,
    );
  }
  const heldOut = await timed("evaluation", async () => evaluateHeldOut(training, test));
  await show("The transformer, trained from answers alone", trainingText(training, heldOut));
  const calibrated = await timed("calibration", () =>
    calibrateCheckpoint(checkpoint, training, { accuracy: DEFAULT_ACCURACY }),
  );
  await show("When it abstains", calibrationText(calibrated));

  const answers = await timed("asking", async () =>
    askedSentences.map((sentence) => askFully({ ...training, ...calibrated }, sentence, library.programs)),
  );
  await show("Three typed sentences", answers.map((answer) => answerText(answer, n)).join("\n\n"));
  return { library, reports, comparisons, traces, training, heldOut, calibrated, answers, times };
}

function trace({ text, name, entry, n, operands }: ReturnType<typeof tracedPrograms>[number]): MachineTrace {
  const program = linkAlone(compileToAssembly({ text, name }, { entry }), { n });
  return traceOnMachines(program, readDistributions(operands, program.entry.operands, n), {});
}

async function trainShown(
  library: Library,
  settings: Partial<TrainOptions>,
  checkpoint: string,
  signal: AbortSignal,
): Promise<TrainResult> {
  const programs = library.callable.map(({ name }) => library.table(name));
  const shown = showTraining();
  try {
    const hooks = { checkpoint, signal, onProgress: shown.onProgress };
    return await train({ programs, libraryHash: library.hash }, settings, hooks);
  } finally {
    shown.finish();
  }
}

function summaryOf(
  { library, reports, comparisons, training, heldOut, calibrated, times }: Demonstration,
  out: string,
): string {
  const total = times.reduce((sum, [, seconds]) => sum + seconds, 0);
  const verified = reports.filter(({ ok }) => ok).length;
  const agreeing = comparisons.filter(({ comparison }) => comparison.agreement).length;
  const lines = [
    [
      "library",
      `${verified} of ${reports.length} programs verified, ${library.image.lines} instructions, n = ${library.n}`,
    ],
    ["paths", `${agreeing} of ${comparisons.length} programs agree on every path that can run them`],
    [
      "training",
      `${training.model.step} steps, ${training.outcome}, loss ${(training.history.losses.at(-1) ?? Number.NaN).toFixed(4)}`,
    ],
    ["unseen operands", `${percentText(heldOut.operands.accuracy)} of ${heldOut.operands.sentences} sentences`],
    ["unseen templates", `${percentText(heldOut.templates.accuracy)} of ${heldOut.templates.sentences} sentences`],
    [
      "abstention",
      `answers ${percentText(calibrated.test.coverage)} of right questions, refuses ${percentText(calibrated.test.refused)} of wrong ones`,
    ],
    ["times", times.map(([part, seconds]) => `${part} ${secondsText(seconds)}`).join(", ")],
    ["in all", secondsText(total)],
    ["written", ["library/", "model.safetensors", "index.html"].map((file) => path.join(out, file)).join(", ")],
  ];
  return `\n== Summary\n\n${lines.map(([label, text]) => `${label.padEnd(16)} ${text}`).join("\n")}`;
}

function demoJson(
  { library, reports, comparisons, training, heldOut, calibrated, answers, times }: Demonstration,
  out: string,
) {
  return {
    out,
    library: { n: library.n, hash: library.hash, programs: reports },
    comparisons: comparisons.map(({ shown: { title, text }, comparison }) => ({ title, text, ...comparison })),
    training: trainingSummary(training, heldOut),
    calibration: calibrationSummary(calibrated),
    answers: answers.map((answer) => answerJson(answer, library.n)),
    seconds: Object.fromEntries(times),
  };
}
