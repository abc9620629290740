import { lineChart } from "./charts.js";
import { stacked } from "./stacked.js";
import type { AccuracyRow, TablesAndCircuitsResult, Training } from "./tables-and-circuits.js";

const names = {
  table: "table",
  circuit: "circuits",
  "table, then circuit": "table, then circuits",
} as const satisfies Record<Training, string>;

/** How networks learned with tables and with circuits, and what circuits then made of it, as SVG: means over the seeds. */
export async function tablesAndCircuitsChart({ curves, rows }: TablesAndCircuitsResult): Promise<string> {
  const trainings = [...new Set(curves.map(({ trainedWith }) => trainedWith))];
  const common = { yDomain: [0, 1.02], percent: true, width: 460 } as const;
  const learning = await lineChart({
    ...common,
    title: "Tables against circuits: learning to route with them",
    xTitle: "epoch",
    yTitle: "validation questions right",
    series: trainings.map((training) => {
      const all = curves.filter(({ trainedWith }) => trainedWith === training).map(({ accuracy }) => accuracy);
      const y = all[0].map((_, epoch) => mean(all.map((accuracy) => accuracy[epoch])));
      return { name: names[training], x: y.map((_, epoch) => epoch), y };
    }),
    idPrefix: "l",
  });
  const bits = [...new Set(rows.map((row) => row.bits))];
  const byBits = (training: Training, kind: "soft" | "certain", name: string) => {
    const some = rows.filter(({ trainedWith, runWith }) => trainedWith === training && runWith === "circuit");
    const of = (width: number): AccuracyRow[] => some.filter((row) => row.bits === width);
    return { name, x: bits, y: bits.map((width) => mean(of(width).map((row) => row[kind]))) };
  };
  const running = await lineChart({
    ...common,
    title: "What was learned, run with circuits on wider numbers",
    xTitle: "bits of the numbers",
    yTitle: "test questions right",
    series: [
      ...trainings.map((training) => byBits(training, "certain", names[training])),
      byBits("table", "soft", "table, left soft"),
    ],
    idPrefix: "r",
  });
  return stacked(
    [learning, running],
    "What networks learned with tables and with circuits, and what circuits made of it",
  );
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
