import { fibonacciDepth } from "../../lm/index.js";
import { lineChart } from "../charts.js";
import { callWays } from "../minimal-network.js";
import { stacked } from "../stacked.js";
import { learningCurves } from "./chart.js";
import type { TaskResult } from "./result-file.js";
import type { TrainedRow } from "./training.js";

/** A variant of one depth; others learn several. */
const ofDepth = /^(.*), depth ([0-9]+)$/;

/** Accuracy by depth, gradients by depth, and the learning curves of those models that learn all depths, as SVG. */
export async function fibonacciChart(result: TaskResult): Promise<string> {
  const { rows, gradients = [], paper } = result;
  const certainties = gradients.filter(
    ({ right, other }, place) => place === gradients.findIndex((each) => each.right === right && each.other === other),
  );
  const common = { xTitle: "depth of the program", width: 520 };
  const pictures = [
    await lineChart({
      ...common,
      title: `Fibonacci modulo ${rows[0].n} by depth${paper === undefined ? "" : `; the paper: ${paper}`}`,
      yTitle: "test answers right, held-out templates",
      series: accuraciesByDepth(rows),
      yDomain: [0, 1.02],
      percent: true,
      height: 300,
      idPrefix: "a",
    }),
    ...(await Promise.all(
      certainties.map(({ right, other }, place) =>
        lineChart({
          ...common,
          title: `Gradient at terms of which P(the term) is ${right}, P(the other term) ${other}`,
          yTitle: "norm",
          series: callWays.map((way) => {
            const own = gradients.filter((each) => each.right === right && each.other === other);
            return {
              name: way,
              x: own.map(({ depth }) => depth),
              y: own.map(({ gradientNorm }) => gradientNorm[way]),
            };
          }),
          logarithmic: true,
          idPrefix: `g${place}`,
        }),
      ),
    )),
    await learningCurves({ ...result, rows: rows.filter(({ variant }) => !ofDepth.test(variant)) }, "l"),
  ];
  return stacked(pictures, "What models learned of Fibonacci by depth, and what their gradients came to");
}

/** Mean test accuracies over the seeds, by depth, a line for each way of learning. */
function accuraciesByDepth(rows: readonly TrainedRow[]) {
  const points = rows.flatMap(({ variant, tests }) => {
    const [, name = variant] = ofDepth.exec(variant) ?? [];
    return Object.entries(tests["held-out templates"].byProgram).map(([program, accuracy]) => ({
      name,
      depth: fibonacciDepth(program) ?? 0,
      accuracy,
    }));
  });
  return [...new Set(points.map(({ name }) => name))].map((name) => {
    const own = points.filter((point) => point.name === name);
    const x = [...new Set(own.map(({ depth }) => depth))].sort((a, b) => a - b);
    const y = x.map((at) => {
      const accuracies = own.filter(({ depth }) => depth === at).map(({ accuracy }) => accuracy);
      return accuracies.reduce((sum, accuracy) => sum + accuracy, 0) / accuracies.length;
    });
    return { name, x, y };
  });
}
