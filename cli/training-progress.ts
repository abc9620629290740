import type { Progress } from "../lm/index.js";
import { type Progress as ProgressBar, showProgress } from "./progress.js";
import { duration, percent } from "./text-table.js";

/** Shows a training run's loss, its held-out accuracies and the time left. */
export function showTraining(): { readonly onProgress: (progress: Progress) => void; finish(): void } {
  const bar: ProgressBar = showProgress("training");
  return {
    onProgress({ step, steps, loss, accuracy, templateAccuracy, secondsLeft }) {
      const accuracies =
        accuracy === undefined || templateAccuracy === undefined
          ? "not measured yet"
          : `held-out ${percent(accuracy)} operands, ${percent(templateAccuracy)} templates`;
      bar.update(step, steps, `loss ${loss.toFixed(3)}, ${accuracies}, at most ${duration(secondsLeft)} left`);
    },
    finish: () => bar.finish(),
  };
}
