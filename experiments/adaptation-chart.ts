import { type AdaptationRun, adaptationSummaries } from "./adaptation.js";
import { barChart } from "./charts.js";
import { stacked } from "./stacked.js";

/** States of the generic and of the learned programs, and how many starts succeeded, beside the paper's, as SVG. */
export async function adaptationChart(run: AdaptationRun): Promise<string> {
  const summaries = adaptationSummaries(run);
  const common = { horizontal: true, width: 420 } as const;
  const pictures = [
    await barChart({
      ...common,
      title: "Programs made faster on the inputs that there are",
      xTitle: "task",
      yTitle: "states of a run",
      height: 44 * summaries.length + 40,
      bars: summaries.flatMap(({ task, genericStates, bestStates, paper }) => [
        { label: `${task}, generic`, value: genericStates },
        { label: `${task}, the paper's`, value: paper.learned },
        { label: `${task}, best`, value: bestStates },
      ]),
      idPrefix: "a",
    }),
    await barChart({
      ...common,
      title: "Starts that came to a faster program, proved right",
      xTitle: "task",
      yTitle: "success",
      height: 32 * summaries.length + 40,
      percent: true,
      most: 1,
      bars: summaries.flatMap(({ task, starts, successes, paper }) => [
        { label: `${task}, the paper's`, value: paper.success },
        { label: task, value: starts === 0 ? 0 : successes / starts },
      ]),
      idPrefix: "b",
    }),
  ];
  return stacked(pictures, "Adapted programs: their states, and how often they are found");
}
