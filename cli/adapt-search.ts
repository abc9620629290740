import { Adaptation, type AdaptationOptions, type AdaptationTask, type Found } from "../machine/index.js";
import { interruptible } from "./interrupt.js";
import { showProgress, timeLeft } from "./progress.js";

/** What a search has come to. */
export interface AdaptationSearch {
  /** The fastest program that is right and faster than the task's own, or right where that is not. */
  readonly best: Found | undefined;
  readonly starts: readonly SearchStart[];
  /** Whether it was interrupted. */
  readonly stopped: boolean;
}

export interface SearchStart {
  readonly start: number;
  readonly success: boolean;
  readonly meanSteps: number | undefined;
  /** The iteration that found the program. */
  readonly iteration: number;
}

/** Iterations between moments at which a signal is heard. */
const iterationsAtOnce = 20;

/** Looks for a faster program, from several starts; Ctrl-C ends it with what it has. */
export async function searchFaster(
  task: AdaptationTask,
  { starts: count, options }: { readonly starts: number; readonly options: AdaptationOptions },
): Promise<AdaptationSearch> {
  const progress = showProgress("adapting");
  const left = timeLeft();
  const starts: SearchStart[] = [];
  let best: Found | undefined;
  let stopped = false;
  try {
    await interruptible("stopping…", async (signal) => {
      for (let start = 0; start < count && !signal.aborted; start++) {
        const adaptation = new Adaptation(task, options, start);
        const own = adaptation.best?.verdict.meanSteps;
        const { iterations } = adaptation.options;
        while (!adaptation.done && !signal.aborted) {
          adaptation.step();
          if (adaptation.iteration % iterationsAtOnce !== 0) continue;
          const done = start + adaptation.iteration / iterations;
          const steps = Math.min(best?.verdict.meanSteps ?? Infinity, adaptation.best?.verdict.meanSteps ?? Infinity);
          const detail = Number.isFinite(steps) ? `best ${steps.toFixed(2)} steps` : "no program yet";
          progress.update(Number(done.toFixed(2)), count, `${detail}${left(done / count)}`);
          await new Promise((resolve) => setImmediate(resolve));
        }
        const found = adaptation.best;
        const success = found !== undefined && !(own !== undefined && found.verdict.meanSteps >= own - 1e-6);
        starts.push({ start, success, meanSteps: found?.verdict.meanSteps, iteration: found?.iteration ?? 0 });
        if (success && !(best !== undefined && best.verdict.meanSteps <= found.verdict.meanSteps)) best = found;
      }
      stopped = signal.aborted;
    });
  } finally {
    progress.finish();
  }
  return { best, starts, stopped };
}
