/** What every task is compared with: the same transformer without the library, and with the library's calls labelled. */
import type { Training } from "./training.js";

/** What reads no library reads no numerals and finds no program. */
const withoutLibrary = {
  objective: "direct",
  numbers: "tokens",
  numerals: "learned",
  programHeads: "last",
  programChoice: "any",
} as const;

/** Names of the baselines' variants. */
export const baselineNames = { calls: "supervised tool calls", direct: "no library" } as const;

/** The baselines of a training, with all that they share with it. */
export function baselines(training: Omit<Training, "variant">): Training[] {
  const { options } = training;
  return [
    { ...training, variant: baselineNames.calls, options: { ...options, objective: "calls" } },
    { ...training, variant: baselineNames.direct, options: { ...options, ...withoutLibrary } },
  ];
}
