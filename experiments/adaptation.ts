/** The adaptation tasks of "Adaptive Neural Compilation" (Bunel et al., 2016), section 5: faster programs, learned. */
import {
  Adaptation,
  type AdaptationOptions,
  type AdaptationState,
  defaultAdaptation,
  genericProgram,
  hardProgramText,
  type Improvement,
  numbersOf,
  type ProgramNumbers,
  programFromNumbers,
  prove,
  type Verdict,
} from "../machine/index.js";
import { adaptationTasks, type PaperTask } from "./adaptation-tasks.js";

/** What one start has come to. */
export interface AdaptationStart {
  readonly start: number;
  /** Whether it has found a program that is right on every input, proved, and takes fewer steps than the generic one. */
  readonly success: boolean;
  /** States of a run, as the paper counts them: the expected number of steps over the inputs, plus one. */
  readonly states: number;
  /** The iteration that found the program. */
  readonly iteration: number;
  readonly verdict: Verdict;
  readonly program: ProgramNumbers;
  /** The faster programs on the way to it. */
  readonly improvements: readonly Improvement[];
}

export interface AdaptationResult {
  readonly task: string;
  readonly genericStates: number;
  readonly starts: readonly AdaptationStart[];
}

/** A run of the experiment, as far as it has come; what `adaptTasks` goes on with. */
export interface AdaptationRun {
  readonly settings: AdaptationSettings;
  readonly results: readonly AdaptationResult[];
  /** The start under way when the run was stopped. */
  readonly underWay?: { readonly task: string; readonly state: AdaptationState };
}

export interface AdaptationSettings {
  readonly tasks: readonly string[];
  readonly starts: number;
  readonly seed: number;
  /** Iterations of each start; each task has its own number, if absent. */
  readonly iterations?: number;
}

export interface AdaptationHooks {
  readonly signal?: AbortSignal;
  /** Told now and then of the share that is done, and of the start under way. */
  readonly onProgress?: (done: number, total: number, detail: string) => void;
}

/** A run that has not begun. */
export const newAdaptationRun = (settings: AdaptationSettings): AdaptationRun => ({ settings, results: [] });

/** How a task's descent is set, where not by the defaults of `Adaptation`. */
export const optionsOf = (task: PaperTask, { seed, iterations }: AdaptationSettings): AdaptationOptions => ({
  ...task.training,
  seed,
  ...(iterations === undefined ? {} : { iterations }),
});

/**
 * Adapts programs, start by start, until all is done or the signal is aborted: then the run that it gives goes on where
 * it was, to the same results.
 */
export async function adaptTasks(
  run: AdaptationRun,
  { signal, onProgress }: AdaptationHooks = {},
): Promise<AdaptationRun> {
  const { settings } = run;
  const tasks = adaptationTasks.filter(({ program }) => settings.tasks.includes(program));
  const results = [...run.results];
  const total = tasks.length * settings.starts;
  let { underWay } = run;
  for (const [index, task] of tasks.entries()) {
    const known = results[index]?.starts ?? [];
    const starts = [...known];
    const genericStates = 1 + prove(task, genericProgram(task)).meanSteps;
    while (starts.length < settings.starts) {
      const options = optionsOf(task, settings);
      const resumed = underWay?.task === task.program && underWay.state.start === starts.length;
      const adaptation = resumed
        ? Adaptation.from(task, options, underWay?.state as AdaptationState)
        : new Adaptation(task, options, starts.length);
      underWay = undefined;
      const done = index * settings.starts + starts.length;
      const ended = await descend(adaptation, signal, (share) =>
        onProgress?.(done + share, total, `${task.program}, start ${starts.length + 1}: ${bestText(adaptation)}`),
      );
      if (!ended) {
        results[index] = { task: task.program, genericStates, starts };
        return { settings, results, underWay: { task: task.program, state: adaptation.state } };
      }
      starts.push(startOf(task, adaptation, genericStates));
    }
    results[index] = { task: task.program, genericStates, starts };
  }
  return { settings, results };
}

/** Iterations between moments at which a signal is heard. */
const iterationsAtOnce = 20;

/** @returns whether it came to its end. */
async function descend(
  adaptation: Adaptation,
  signal: AbortSignal | undefined,
  onShare: (share: number) => void,
): Promise<boolean> {
  while (!adaptation.done) {
    adaptation.step();
    if (adaptation.iteration % iterationsAtOnce !== 0) continue;
    onShare(adaptation.iteration / adaptation.options.iterations);
    await new Promise((resolve) => setImmediate(resolve));
    if (signal?.aborted) return false;
  }
  return true;
}

const bestText = ({ best }: Adaptation) =>
  best === undefined ? "no program yet" : `best ${(1 + best.verdict.meanSteps).toFixed(2)}`;

/** A start's program is proved again, in full: what fails is no success. */
function startOf(task: PaperTask, { best, start, improvements }: Adaptation, genericStates: number): AdaptationStart {
  const program = best?.program ?? genericProgram(task);
  const verdict = prove(task, program);
  const states = 1 + verdict.meanSteps;
  // Means of the same steps over the same inputs differ by rounding alone.
  const success = verdict.proved && states < genericStates - 1e-6;
  const iteration = best?.iteration ?? 0;
  return { start, success, states, iteration, verdict, program: numbersOf(task, program), improvements };
}

/** A task's figures. */
export interface AdaptationSummary {
  readonly task: string;
  readonly genericStates: number;
  /** States of what starts came to, averaged over all of them. */
  readonly meanStates: number;
  /** The share of the states saved, over all starts, in improvements in which descent changed the program. */
  readonly byDescent: number;
  /** The fewest states of a proved program, and its text; those of the generic one where no start succeeded. */
  readonly bestStates: number;
  readonly text: string;
  readonly verdict: Verdict | undefined;
  readonly starts: number;
  readonly successes: number;
  /** Successes with no more states than the paper's program. */
  readonly asFewAsThePaper: number;
  readonly paper: PaperTask["paper"];
}

/** The table of a run. */
export function adaptationSummaries({ results }: AdaptationRun): AdaptationSummary[] {
  return results.flatMap(({ task: name, genericStates, starts }) => {
    const task = adaptationTasks.find(({ program }) => program === name);
    if (task === undefined) return [];
    const successes = starts.filter(({ success }) => success);
    const best = successes.reduce<AdaptationStart | undefined>(
      (least, start) => (least === undefined || start.states < least.states ? start : least),
      undefined,
    );
    const program = best === undefined ? genericProgram(task) : programFromNumbers(task, best.program);
    return {
      ...{ task: name, genericStates, bestStates: best?.states ?? genericStates, verdict: best?.verdict },
      text: hardProgramText(task, program),
      ...{ starts: starts.length, successes: successes.length, paper: task.paper },
      meanStates:
        starts.length === 0 ? genericStates : starts.reduce((sum, { states }) => sum + states, 0) / starts.length,
      byDescent: shareByDescent(starts, genericStates),
      asFewAsThePaper: successes.filter(({ states }) => states <= task.paper.learned + 1e-6).length,
    };
  });
}

function shareByDescent(starts: readonly AdaptationStart[], genericStates: number): number {
  let [all, descended] = [0, 0];
  for (const { improvements } of starts) {
    let before = genericStates;
    for (const { meanSteps, changes } of improvements) {
      all += before - 1 - meanSteps;
      if (changes > 0) descended += before - 1 - meanSteps;
      before = 1 + meanSteps;
    }
  }
  return all === 0 ? 0 : descended / all;
}

/** How each task of a run is trained, in full. */
export const adaptationSettings = (settings: AdaptationSettings): Record<string, AdaptationOptions> =>
  Object.fromEntries(
    adaptationTasks
      .filter(({ program }) => settings.tasks.includes(program))
      .map((task) => {
        const options = { ...defaultAdaptation, ...optionsOf(task, settings) };
        const [least, most] = options.horizon;
        const rest = Math.min(options.rest, options.iterations);
        return [task.program, { ...options, rest, horizon: [least, Math.min(most, task.steps)] }];
      }),
  );
