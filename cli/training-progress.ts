import type { Progress } from "../lm/index.js";
import { percentText, secondsText } from "../scheme/index.js";
import { type Progress as ProgressBar, showProgress } from "./progress.js";

/** Shows a training run's loss, its held-out accuracies and the time left. */
export function showTraining(): { readonly onProgress: (progress: Progress) => void; finish(): void } {
  const bar: ProgressBar = showProgress("training");
  return {
    onProgress({ step, steps, loss, accuracy, templateAccuracy, secondsLeft }) {
      const accuracies =
        accuracy === undefined || templateAccuracy === undefined
          ? "not measured yet"
          : `held-out ${percentText(accuracy)} operands, ${percentText(templateAccuracy)} templates`;
      bar.update(step, steps, `loss ${loss.toFixed(3)}, ${accuracies}, at most ${secondsText(secondsLeft)} left`);
    },
    finish: () => bar.finish(),
  };
}
