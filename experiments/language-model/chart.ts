import { lineChart } from "../charts.js";
import type { TaskResult } from "./result-file.js";
import { examplesAt } from "./summary.js";
import type { Task } from "./task.js";
import type { TrainedRow } from "./training.js";

/** Learning curves of a task's variants, the mean over the seeds, as SVG. */
export function learningCurves({ title, rows }: TaskResult, idPrefix?: string): Promise<string> {
  const variants = [...new Set(rows.map(({ variant }) => variant))];
  return lineChart({
    title: `Learning ${title}`,
    xTitle: "sentences learned from",
    yTitle: "validation answers right, held-out templates",
    series: variants.map((variant) => ({
      name: variant,
      ...meanCurve(rows.filter((row) => row.variant === variant)),
    })),
    yDomain: [0, 1.02],
    percent: true,
    width: 520,
    height: 300,
    ...(idPrefix === undefined ? {} : { idPrefix }),
  });
}

/** The mean over the seeds of each point, up to where the shortest of them ends. */
function meanCurve(rows: readonly TrainedRow[]) {
  const points = Math.min(...rows.map(({ curve }) => curve.length));
  const places = Array.from({ length: points }, (_, place) => place);
  const meanAt = (of: (row: TrainedRow, place: number) => number) =>
    places.map((place) => rows.reduce((sum, row) => sum + of(row, place), 0) / rows.length);
  return {
    x: meanAt((row, place) => examplesAt(row, row.curve[place])),
    y: meanAt((row, place) => row.curve[place].templates),
  };
}

/** A task's figure. */
export const taskChart = ({ chart = learningCurves }: Task, result: TaskResult): Promise<string> => chart(result);
