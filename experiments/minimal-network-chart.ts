import { lineChart } from "./charts.js";
import { callWays, type MinimalNetworkResult, paperAccuracies } from "./minimal-network.js";
import { stacked } from "./stacked.js";

/** What networks learned by depth, and what their gradients came to, as SVG. */
export async function minimalNetworkChart({ n, rows, measurements }: MinimalNetworkResult): Promise<string> {
  const depths = measurements.map(({ depth }) => depth);
  const paper = [...paperAccuracies].filter(([depth]) => depths.includes(depth));
  const common = { xTitle: "depth of the program", width: 460 };
  const pictures = [
    await lineChart({
      ...common,
      title: `Learning to route through Fibonacci, values 0 to ${n - 1}`,
      yTitle: "test questions right",
      series: [
        ...callWays.map((way) => ({ name: way, x: depths, y: depths.map((depth) => meanAccuracy(rows, way, depth)) })),
        { name: "superposition, in the paper", x: paper.map(([depth]) => depth), y: paper.map(([, share]) => share) },
      ],
      yDomain: [0, 1.02],
      percent: true,
      idPrefix: "a",
    }),
    await lineChart({
      ...common,
      title: "Gradient of P(right answer), nothing learned yet",
      yTitle: "norm",
      series: callWays.map((way) => ({
        name: way,
        x: depths,
        y: measurements.map(({ gradientNorm }) => gradientNorm[way]),
      })),
      logarithmic: true,
      idPrefix: "g",
    }),
    await lineChart({
      ...common,
      title: "The superposition beside the exact answer, nothing learned yet",
      yTitle: "cosine; variation",
      series: [
        { name: "cosine of the gradients", x: depths, y: measurements.map(({ cosine }) => cosine) },
        { name: "total variation of the answers", x: depths, y: measurements.map(({ variation }) => variation) },
      ],
      idPrefix: "c",
    }),
  ];
  return stacked(pictures, "What minimal networks learned by depth, and what their gradients came to");
}

/** The mean accuracy over the seeds. */
export function meanAccuracy(rows: MinimalNetworkResult["rows"], way: string, depth: number): number {
  const group = rows.filter((row) => row.way === way && row.depth === depth);
  return group.reduce((sum, { accuracy }) => sum + accuracy, 0) / group.length;
}
