import { lineChart } from "./charts.js";
import type { TablesAndCircuitsResult, Training } from "./tables-and-circuits.js";

const names = {
  table: "table",
  circuit: "circuits",
  "table, then circuit": "table, then circuits",
} as const satisfies Record<Training, string>;

/** How networks learned with tables and with circuits, as SVG: the mean over the seeds. */
export function tablesAndCircuitsChart({ curves }: TablesAndCircuitsResult): Promise<string> {
  const trainings = [...new Set(curves.map(({ trainedWith }) => trainedWith))];
  return lineChart({
    title: "Tables against circuits: learning to route",
    xTitle: "epoch",
    yTitle: "validation questions right",
    series: trainings.map((training) => {
      const all = curves.filter(({ trainedWith }) => trainedWith === training).map(({ accuracy }) => accuracy);
      const y = all[0].map((_, epoch) => all.reduce((sum, accuracy) => sum + accuracy[epoch], 0) / all.length);
      return { name: names[training], x: y.map((_, epoch) => epoch), y };
    }),
    yDomain: [0, 1],
    percent: true,
  });
}
