import { lineChart } from "./charts.js";
import type { CalibrationCurves } from "./report-content.js";
import { stacked } from "./stacked.js";

/** How well certainty tells accuracy, and the share of errors among the answered as more are answered: two SVG pictures. */
export async function calibrationCharts(
  { reliability, riskCoverage }: CalibrationCurves,
  idPrefixes: readonly [string, string] = ["c", "d"],
): Promise<[reliability: string, risk: string]> {
  const x = reliability.map(({ certainty }) => certainty);
  return [
    await lineChart({
      title: "Certainty and accuracy",
      xTitle: "certainty",
      yTitle: "right answers (%)",
      yDomain: [0, 1],
      percent: true,
      series: [
        { name: "model", x, y: reliability.map(({ accuracy }) => accuracy) },
        { name: "perfectly calibrated", x: [0, 1], y: [0, 1], faint: true },
      ],
      idPrefix: idPrefixes[0],
    }),
    await lineChart({
      title: "Errors among the answered",
      xTitle: "share of questions answered, the most certain first",
      yTitle: "wrong answers (%)",
      percent: true,
      series: [
        {
          name: "wrong",
          x: riskCoverage.map(({ coverage }) => coverage),
          y: riskCoverage.map(({ risk }) => risk),
        },
      ],
      idPrefix: idPrefixes[1],
    }),
  ];
}

/** Both in one picture. */
export async function calibrationPicture(test: CalibrationCurves): Promise<string> {
  return stacked(await calibrationCharts(test), "How certain a model is, and how often it is right");
}
