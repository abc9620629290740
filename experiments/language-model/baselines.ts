/** What every task is compared with: the same transformer without the library, and with the library's calls labelled. */
import type { TrainOptions } from "../../lm/index.js";
import type { Training } from "./training.js";

/** Names of the baselines' variants. */
export const baselineNames = { calls: "supervised tool calls", direct: "no library" } as const;

/**
 * The baselines of a training, with all that they share with it.
 *
 * @param directly what learning without the library needs otherwise
 */
export function baselines(
  training: Omit<Training, "variant">,
  { mostSeeds, directly = {} }: { readonly mostSeeds: number; readonly directly?: Partial<TrainOptions> },
): Training[] {
  const { options } = training;
  return [
    { ...training, variant: baselineNames.calls, mostSeeds, options: { ...options, objective: "calls" } },
    {
      ...training,
      variant: baselineNames.direct,
      mostSeeds,
      options: { ...options, ...directly, objective: "direct" },
    },
  ];
}
