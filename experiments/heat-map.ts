/** Heat maps as SVG strings: values over time, one shade a cell. */
import type { Axis, Legend, Mark, Scale, Spec } from "vega";
import {
  categoryColors,
  emptyMark,
  fontFamily,
  heatColors,
  missingColor,
  monospaceAdvance,
  monospaceFamily,
  textColor,
} from "./chart-style.js";
import type { Numbers } from "./report-content.js";
import { cleanText, renderSvg } from "./svg.js";

export interface HeatMapOptions {
  title?: string;
  /** One list of numbers for each step, from left to right; entry v of it is row v. */
  steps: readonly Numbers[];
  /** With its unit. */
  xTitle: string;
  yTitle: string;
  /** What the shades measure. */
  colorTitle: string;
  /** Numbers that get the lightest and the darkest shade; 0 and 1 when absent. */
  domain?: readonly [number, number];
  /** A row at each step, drawn over the shades as a line: what a run that is certain has there. It may end early. */
  path?: Numbers;
  /** A step to draw an upright line before, with its number. */
  mark?: number;
  /** Row 0 at the top, as lines of a program are read; at the bottom otherwise, as values are. */
  downward?: boolean;
  /** Text instead of a number beside each row. */
  rowLabels?: readonly string[];
  legend?: boolean;
  width?: number;
  /** Of one row, in pixels. */
  rowHeight?: number;
  idPrefix?: string;
}

/** A stretch of one row in one shade. */
interface Run {
  row: number;
  start: number;
  end: number;
  /** Null where the number is not finite. */
  value: number | null;
}

const mostColumns = 240;
const shades = 100;

/** Draws a heat map. More than 240 steps are drawn in 240 columns, each the mean of its steps; the x axis still counts steps. */
export function heatMap(options: HeatMapOptions): Promise<string> {
  const { title, steps, domain = [0, 1], downward = false, rowLabels, legend = true, width = 300, idPrefix } = options;
  const rows = steps.reduce((most, step) => Math.max(most, step.length), rowLabels?.length ?? 0);
  const height = Math.max(1, rows) * (options.rowHeight ?? Math.min(14, Math.max(3, 200 / Math.max(1, rows))));
  const stride = strideOf(steps);
  const xTitle = stride === 1 ? options.xTitle : `${options.xTitle} (a column is the mean of ${stride})`;
  const scales: Scale[] = [
    { name: "x", type: "linear", range: "width", domain: [0, Math.max(1, steps.length)], nice: false, zero: false },
    {
      name: "y",
      type: "linear",
      range: downward ? [0, height] : "height",
      domain: [0, Math.max(1, rows)],
      nice: false,
    },
    { name: "shade", type: "linear", domain: shadeDomain(domain), range: heatColors, clamp: true, zero: false },
  ];
  if (rowLabels !== undefined) scales.push(rowTexts(rowLabels));
  const marks: Mark[] = [
    {
      type: "rect",
      from: { data: "runs" },
      encode: {
        enter: {
          x: { scale: "x", field: "start" },
          x2: { scale: "x", field: "end", offset: { field: "over" } },
          y: { scale: "y", field: "row" },
          y2: { scale: "y", signal: "datum.row + 1" },
          fill: [
            { test: "!isValid(datum.value)", value: missingColor },
            { scale: "shade", field: "value" },
          ],
        },
      },
    },
  ];
  if (options.path !== undefined) marks.push(pathMark);
  if (options.path !== undefined && options.path.length < steps.length) marks.push(pathEnd(options.path));
  if (options.mark !== undefined) marks.push(...stepMark(options.mark, steps.length, height));
  if (steps.length === 0 || rows === 0) marks.push(emptyMark("no steps", width, height));
  const spec: Spec = {
    width,
    height,
    // In line with the cells.
    title:
      title === undefined
        ? undefined
        : { text: cleanText(title), frame: "group", offset: options.mark === undefined ? 10 : 4 },
    data: [
      { name: "runs", values: withoutSeams(runsOf(steps, rows, domain)) },
      { name: "path", values: options.path === undefined ? [] : stretchesOf(options.path) },
    ],
    scales,
    axes: [
      {
        orient: "bottom",
        scale: "x",
        title: xTitle === "" ? undefined : cleanText(xTitle),
        tickMinStep: 1,
        tickCount: 6,
        format: "d",
      },
      rowAxis(cleanText(options.yTitle), rows, rowLabels),
    ],
    legends: legend ? [shadeLegend(options.colorTitle, height)] : [],
    marks: [{ type: "group", encode: { enter: background(width, height) }, marks, zindex: -1 }],
  };
  const description = `${title ?? options.yTitle}: ${options.colorTitle} of ${rows} rows over ${steps.length} steps`;
  return renderSvg(spec, { description, idPrefix });
}

/** The path's colour: apart from every shade, to colour-blind eyes too. */
const [, pathColor] = categoryColors;

const pathMark: Mark = {
  type: "rule",
  from: { data: "path" },
  encode: {
    enter: {
      x: { scale: "x", field: "start" },
      x2: { scale: "x", field: "end" },
      y: { scale: "y", signal: "datum.row + 0.5" },
      stroke: { value: pathColor },
      strokeWidth: { value: 2 },
    },
  },
};

/** A dot where a path ends before the last step. */
function pathEnd(path: Numbers): Mark {
  const last = path.length - 1;
  return {
    type: "symbol",
    encode: {
      enter: {
        x: { scale: "x", value: path.length },
        y: { scale: "y", value: (path[last] ?? 0) + 0.5 },
        size: { value: path.length === 0 ? 0 : 40 },
        fill: { value: pathColor },
      },
    },
  };
}

function stepMark(step: number, steps: number, height: number): Mark[] {
  const x = { scale: "x", value: step };
  const early = step < 0.8 * steps;
  return [
    {
      type: "rule",
      encode: {
        enter: {
          x,
          y: { value: -14 },
          y2: { value: height },
          stroke: { value: textColor },
          strokeWidth: { value: 1 },
          strokeDash: { value: [3, 2] },
        },
      },
    },
    {
      type: "text",
      encode: {
        enter: {
          x,
          dx: { value: early ? 4 : -4 },
          y: { value: -5 },
          align: { value: early ? "left" : "right" },
          text: { value: `step ${step}` },
          font: { value: fontFamily },
          fontSize: { value: 11 },
          fill: { value: textColor },
        },
      },
    },
  ];
}

/** The stretches in which a path stays in one row. */
function stretchesOf(path: Numbers): Pick<Run, "row" | "start" | "end">[] {
  const stretches: Pick<Run, "row" | "start" | "end">[] = [];
  for (let step = 0; step < path.length; step++) {
    const last = stretches.at(-1);
    if (last?.row === path[step]) last.end = step + 1;
    else stretches.push({ row: path[step], start: step, end: step + 1 });
  }
  return stretches;
}

function background(width: number, height: number) {
  return {
    width: { value: width },
    height: { value: height },
    fill: { value: heatColors[0] },
    clip: { value: false },
  };
}

function rowAxis(title: string, rows: number, labels: readonly string[] | undefined): Axis {
  const common: Axis = { orient: "left", scale: "y", title, ticks: false };
  // A row's label stands at its middle.
  if (labels === undefined) {
    const stride = [1, 2, 4, 5, 8, 10, 16, 20, 32, 50, 64, 100, 128, 256].find((step) => rows / step <= 9) ?? 500;
    const values = Array.from({ length: Math.ceil(rows / stride) }, (_, i) => i * stride + 0.5);
    return { ...common, values, encode: { labels: { update: { text: { signal: "floor(datum.value)" } } } } };
  }
  const longest = labels.reduce((most, text) => Math.max(most, text.length), 0);
  return {
    ...common,
    values: labels.map((_, row) => row + 0.5),
    labelFont: monospaceFamily,
    labelFontSize: 11,
    labelAlign: "left",
    labelColor: textColor,
    labelLimit: 400,
    labelOverlap: false,
    // Left-aligned text starts this far from the axis.
    labelPadding: Math.ceil(longest * 11 * monospaceAdvance) + 6,
    encode: { labels: { update: { text: { scale: "rowTexts", field: "value" } } } },
  };
}

function rowTexts(labels: readonly string[]): Scale {
  const domain = labels.map((_, row) => row + 0.5);
  return { name: "rowTexts", type: "ordinal", domain, range: labels.map(cleanText) };
}

function shadeLegend(title: string, height: number): Legend {
  return {
    fill: "shade",
    type: "gradient",
    title: cleanText(title),
    orient: "right",
    gradientLength: Math.max(60, Math.min(160, height - 20)),
    gradientThickness: 12,
    tickCount: 5,
  };
}

/** The numbers at which each of the shades' corner colours stands. */
function shadeDomain([least, most]: readonly [number, number]): number[] {
  const span = most > least ? most - least : 1;
  return heatColors.map((_, i) => least + (span * i) / (heatColors.length - 1));
}

/** How many steps share a column. */
function strideOf(steps: readonly Numbers[]): number {
  return Math.max(1, Math.ceil(steps.length / mostColumns));
}

/** Neighbouring cells of one shade are one rectangle, and cells of the lightest none: most of a soft run is certain. */
function runsOf(steps: readonly Numbers[], rows: number, [least, most]: readonly [number, number]): Run[] {
  const span = most > least ? most - least : 1;
  const stride = strideOf(steps);
  const runs: Run[] = [];
  for (let row = 0; row < rows; row++) {
    let last: Run | undefined;
    for (let start = 0; start < steps.length; start += stride) {
      const end = Math.min(start + stride, steps.length);
      const mean = meanOf(steps, row, start, end);
      const finite = Number.isFinite(mean);
      const shade = Math.round(((mean - least) / span) * shades);
      if (finite && shade <= 0) {
        last = undefined;
        continue;
      }
      const value = finite ? least + (Math.min(shade, shades) / shades) * span : null;
      if (last !== undefined && last.value === value) last.end = end;
      else {
        last = { row, start, end, value };
        runs.push(last);
      }
    }
  }
  return runs;
}

/** Each run a little over the next in its row, where they touch: between edges inside a pixel the paper shows through. */
function withoutSeams(runs: readonly Run[]): (Run & { over: number })[] {
  return runs.map((run, i) => {
    const next = runs.at(i + 1);
    return { ...run, over: next?.row === run.row && next.start === run.end ? 0.4 : 0 };
  });
}

/** A row's mean over some steps; a step without that row is 0. */
function meanOf(steps: readonly Numbers[], row: number, start: number, end: number): number {
  let sum = 0;
  for (let step = start; step < end; step++) sum += row < steps[step].length ? steps[step][row] : 0;
  return sum / (end - start);
}
