import type { Progress } from "../lm/index.js";
import { percentText, secondsText } from "../scheme/index.js";
import { note } from "./output.js";
import { type Progress as ProgressBar, showProgress } from "./progress.js";
import { outcomeText } from "./training-results.js";
import type { SeedsShown } from "./training-seeds.js";

/** A run's loss and its held-out accuracies. */
function figuresText({ loss, accuracy, templateAccuracy }: Progress): string {
  const accuracies =
    accuracy === undefined || templateAccuracy === undefined
      ? "not measured yet"
      : `held-out ${percentText(accuracy)} operands, ${percentText(templateAccuracy)} templates`;
  return `loss ${loss.toFixed(3)}, ${accuracies}`;
}

/** Shows a training run's loss, its held-out accuracies and the time left. */
export function showTraining(): { readonly onProgress: (progress: Progress) => void; finish(): void } {
  const bar: ProgressBar = showProgress("training");
  return {
    onProgress(progress) {
      const { step, steps, secondsLeft } = progress;
      bar.update(step, steps, `${figuresText(progress)}, at most ${secondsText(secondsLeft)} left`);
    },
    finish: () => bar.finish(),
  };
}

/** The same for several runs, some of them at once; and a line for each that ends. */
export function showSeeds(seeds: readonly number[], jobs: number): SeedsShown & { finish(): void } {
  let bar: ProgressBar = showProgress("training");
  const underWay = new Map<number, Progress>();
  let ended = 0;
  /** Seconds a step. */
  let pace = 0;
  return {
    onProgress(seed, progress) {
      underWay.set(seed, progress);
      const { steps, step, secondsLeft } = progress;
      const running = [...underWay.values()];
      const done = running.reduce((sum, run) => sum + run.step, ended * steps);
      if (step < steps) pace = secondsLeft / (steps - step);
      const left = Math.max(...running.map((run) => run.secondsLeft), ((seeds.length * steps - done) * pace) / jobs);
      const figures = Array.from(underWay, ([each, run]) => `seed ${each}: step ${run.step}, ${figuresText(run)}`);
      bar.update(done, seeds.length * steps, `${figures.join("; ")}; at most ${secondsText(left)} left`);
    },
    onEnd(seed, end) {
      underWay.delete(seed);
      ended++;
      bar.finish();
      if ("summary" in end) {
        const { steps, seconds } = end.summary;
        note(`seed ${seed}: ${outcomeText(end.summary)}; ${steps} steps, ${secondsText(seconds)}`);
      } else note(`seed ${seed}: ${"error" in end ? end.error : `stopped at step ${end.stopped}`}`);
      bar = showProgress("training");
    },
    finish: () => bar.finish(),
  };
}
