import { lineChart } from "./charts.js";
import type { TablesAndCircuitsResult, Training } from "./tables-and-circuits.js";

/** How networks learned with tables and with circuits, as SVG: each seed pale, their mean before them. */
export function tablesAndCircuitsChart({ curves }: TablesAndCircuitsResult): Promise<string> {
  const trainings = [...new Set(curves.map(({ trainedWith }) => trainedWith))];
  const means = trainings.map((training) => {
    const y = meanCurve(curves.filter(({ trainedWith }) => trainedWith === training).map(({ accuracy }) => accuracy));
    return { name: label(training), x: y.map((_, epoch) => epoch), y };
  });
  const seeds = curves
    .filter(({ trainedWith }) => trainedWith !== "table, then circuit")
    .map(({ trainedWith, seed, accuracy }) => ({
      name: `${label(trainedWith)}, seed ${seed}`,
      x: accuracy.map((_, epoch) => epoch),
      y: accuracy,
      faint: true,
    }));
  return lineChart({
    title: "Tables against circuits: learning to route",
    xTitle: "epoch",
    yTitle: "held-out questions right",
    series: [...means, ...(curves.length > trainings.length ? seeds : [])],
    yDomain: [0, 1],
    percent: true,
  });
}

const label = (training: Training): string =>
  ({ table: "table", circuit: "circuits", "table, then circuit": "table, then circuits" })[training];

const meanCurve = (curves: readonly (readonly number[])[]): number[] =>
  curves[0].map((_, i) => curves.reduce((sum, curve) => sum + curve[i], 0) / curves.length);
