/** Line charts and bar charts as SVG strings. Data that is empty, constant or not finite draws a picture all the same. */
import type { Axis, Legend, Mark, Scale, Spec } from "vega";
import { categoryColors, emptyMark, fontFamily, textColor } from "./chart-style.js";
import type { Bar, Series } from "./report-content.js";
import { cleanText, renderSvg } from "./svg.js";

interface ChartOptions {
  title?: string;
  /** With its unit. */
  xTitle: string;
  /** With its unit. */
  yTitle: string;
  /** Of the plot itself, without axes, in pixels. */
  width?: number;
  height?: number;
  /** Put before the ids inside the picture. */
  idPrefix?: string;
}

export interface LineChartOptions extends ChartOptions {
  series: readonly LineSeries[];
  /** Least and greatest value of the y axis; the data's own when absent. */
  yDomain?: readonly [number, number];
  /** Logarithmic if every finite value is above 0; else linear all the same. */
  logarithmic?: boolean;
  /** Print the y axis, whose values are fractions, in percent. */
  percent?: boolean;
}

export interface LineSeries extends Series {
  /** Drawn thin and pale, behind the others: what a mean is the mean of. */
  faint?: boolean;
}

export interface BarChartOptions extends ChartOptions {
  bars: readonly Bar[];
  /** Bars that lie, their labels to the left; standing ones otherwise. */
  horizontal?: boolean;
  percent?: boolean;
  /** The greatest value of the value axis; the data's own when absent. */
  most?: number;
}

interface Point {
  /** Its place in the list: names may repeat. */
  series: number;
  x: number;
  y: number | null;
}

/** Pixels between the columns in which a long series is thinned out to its lowest and highest point. */
const columns = 300;

const faintOpacity = 0.35;

/** From the third line on they are broken, so that one which they cover shows through. */
const dashes = [[], [], [7, 4], [2, 3]];

/** Lines over a common x axis, one colour each. */
export function lineChart(options: LineChartOptions): Promise<string> {
  const { title, xTitle, yTitle, width = 360, height = 220, idPrefix } = options;
  const series = options.series.map((one) => ({ ...one, name: cleanText(one.name) }));
  const points = series.flatMap(thinned);
  const places = series.map((_, place) => place);
  const ranks = ranksOf(series);
  const finite = points.flatMap(({ y }) => (y === null ? [] : [y]));
  const logarithmic = options.logarithmic === true && finite.length > 0 && finite.every((y) => y > 0);
  const foreground = series.filter((one) => one.faint !== true);
  const scales: Scale[] = [
    { name: "x", type: "linear", range: "width", domain: extent(points.map(({ x }) => x)), nice: false },
    {
      name: "y",
      type: logarithmic ? "log" : "linear",
      range: "height",
      domain: options.yDomain === undefined ? extent(finite, logarithmic) : [...options.yDomain],
      nice: options.yDomain === undefined,
      zero: false,
    },
    {
      name: "color",
      type: "ordinal",
      domain: places,
      range: ranks.map((rank) => categoryColors[rank % categoryColors.length]),
    },
    {
      name: "dash",
      type: "ordinal",
      domain: places,
      range: ranks.map((rank) => dashes[Math.min(rank, dashes.length - 1)]),
    },
    { name: "opacity", type: "ordinal", domain: places, range: series.map(({ faint }) => (faint ? faintOpacity : 1)) },
    { name: "name", type: "ordinal", domain: places, range: series.map(({ name }) => name) },
  ];
  const axes: Axis[] = [
    { orient: "bottom", scale: "x", title: cleanText(xTitle), tickCount: 6 },
    {
      orient: "left",
      scale: "y",
      title: cleanText(yTitle),
      grid: true,
      domain: false,
      ticks: false,
      tickCount: 5,
      ...(options.percent === true ? { format: "~%" } : {}),
    },
  ];
  const legends: Legend[] =
    series.length > 1
      ? [
          {
            stroke: "color",
            strokeDash: "dash",
            orient: "top",
            direction: "horizontal",
            symbolType: "stroke",
            symbolStrokeWidth: 2.5,
            columns: 2,
            encode: {
              labels: { update: { text: { scale: "name", field: "value" } } },
              symbols: { update: { strokeOpacity: { scale: "opacity", field: "value" } } },
            },
          },
        ]
      : [];
  const spec: Spec = {
    width,
    height,
    title: title === undefined ? undefined : { text: cleanText(title) },
    data: [{ name: "points", values: points }],
    scales,
    axes,
    legends,
    marks: [
      ...series.map((one, place) => lineMark(one, place, points)),
      ...(finite.length === 0 ? [emptyMark("no data", width, height)] : []),
    ],
  };
  const names = foreground.map(({ name }) => name).join(", ");
  return renderSvg(spec, { description: `${title ?? yTitle}: ${names || "no data"} over ${xTitle}`, idPrefix });
}

/** One bar for each label, with its value at its end. */
export function barChart(options: BarChartOptions): Promise<string> {
  const { title, xTitle, yTitle, horizontal = false, idPrefix, percent = false } = options;
  // Labels may repeat; their places do not.
  const bars = options.bars.map(({ label, value }, place) => ({
    place,
    label: cleanText(label),
    value: Number.isFinite(value) ? value : null,
  }));
  const { width = 360, height = horizontal ? Math.max(40, 24 * bars.length) : 180 } = options;
  const finite = bars.flatMap(({ value }) => (value === null ? [] : [value]));
  const most = options.most ?? Math.max(0, ...finite);
  const least = Math.min(0, ...finite);
  const format = percent ? ".1~%" : ".4~g";
  const alongPlaces = horizontal ? "y" : "x";
  const alongValues = horizontal ? "x" : "y";
  const scales: Scale[] = [
    {
      name: "places",
      type: "band",
      range: horizontal ? "height" : "width",
      domain: bars.map(({ place }) => place),
      padding: 0.2,
    },
    {
      name: "values",
      type: "linear",
      range: horizontal ? "width" : "height",
      domain: [least, most > least ? most : least + 1],
      nice: options.most === undefined,
    },
    { name: "labels", type: "ordinal", domain: bars.map(({ place }) => place), range: bars.map(({ label }) => label) },
  ];
  const axes: Axis[] = [
    {
      orient: horizontal ? "left" : "bottom",
      scale: "places",
      title: cleanText(horizontal ? yTitle : xTitle),
      ticks: false,
      labelOverlap: !horizontal,
      labelLimit: 160,
      encode: { labels: { update: { text: { scale: "labels", field: "value" } } } },
    },
    {
      orient: horizontal ? "bottom" : "left",
      scale: "values",
      title: cleanText(horizontal ? xTitle : yTitle),
      grid: true,
      domain: false,
      ticks: false,
      tickCount: 5,
      ...(percent ? { format: "~%" } : {}),
    },
  ];
  const marks: Mark[] = [
    {
      type: "rect",
      from: { data: "bars" },
      encode: {
        enter: {
          [alongPlaces]: { scale: "places", field: "place" },
          [horizontal ? "height" : "width"]: { scale: "places", band: 1 },
          [alongValues]: { scale: "values", value: 0 },
          [`${alongValues}2`]: { scale: "values", field: "value" },
          fill: { value: categoryColors[0] },
        },
      },
    },
  ];
  if (horizontal) {
    marks.push({
      type: "text",
      from: { data: "bars" },
      encode: {
        enter: {
          y: { scale: "places", field: "place", band: 0.5 },
          x: { scale: "values", field: "value", offset: 5 },
          text: { signal: `isValid(datum.value) ? format(datum.value, '${format}') : 'no number'` },
          baseline: { value: "middle" },
          font: { value: fontFamily },
          fontSize: { value: 11 },
          fill: { value: textColor },
        },
      },
    });
  }
  if (finite.length === 0) marks.push(emptyMark("no data", width, height));
  const spec: Spec = {
    width,
    height,
    // The text behind the longest bar stands outside the plot.
    padding: { left: 6, top: 6, bottom: 6, right: horizontal ? 48 : 6 },
    title: title === undefined ? undefined : { text: cleanText(title) },
    data: [{ name: "bars", values: bars }],
    scales,
    axes,
    marks,
  };
  return renderSvg(spec, { description: `${title ?? `${yTitle} by ${xTitle}`}, ${bars.length} bars`, idPrefix });
}

function lineMark({ faint = false }: LineSeries, place: number, points: readonly Point[]): Mark {
  const count = points.filter((point) => point.series === place && point.y !== null).length;
  const x = { scale: "x", field: "x" };
  const y = { scale: "y", field: "y" };
  const color = { scale: "color", value: place };
  const data = {
    name: "line",
    source: "points",
    transform: [{ type: "filter" as const, expr: `datum.series === ${place}` }],
  };
  // A line of one point would be invisible.
  const mark: Mark =
    count === 1
      ? {
          type: "symbol",
          from: { data: "line" },
          encode: {
            enter: { x, y, fill: color, size: { value: 40 }, opacity: { signal: "isValid(datum.y) ? 1 : 0" } },
          },
        }
      : {
          type: "line",
          from: { data: "line" },
          encode: {
            enter: {
              x,
              y,
              defined: { signal: "isValid(datum.y)" },
              stroke: color,
              strokeWidth: { value: faint ? 1 : 2 },
              strokeOpacity: { value: faint ? faintOpacity : 1 },
              strokeDash: { scale: "dash", value: place },
              strokeJoin: { value: "round" },
            },
          },
        };
  return { type: "group", data: [data], marks: [mark] };
}

/** The place of each series among those that are not faint; a faint one has that of the next, which it lies behind. */
function ranksOf(series: readonly LineSeries[]): number[] {
  let used = 0;
  return series.map(({ faint }) => (faint === true ? used : used++));
}

/** A domain that holds every finite value; widened where all are one. */
function extent(values: readonly number[], logarithmic = false): [number, number] {
  const finite = values.filter(Number.isFinite);
  if (finite.length === 0) return [0, 1];
  const least = finite.reduce((a, b) => Math.min(a, b));
  const most = finite.reduce((a, b) => Math.max(a, b));
  if (least < most) return [least, most];
  if (logarithmic) return [least / 2, most * 2];
  const margin = Math.abs(least) / 10 || 0.5;
  return [least - margin, most + margin];
}

/** A series' points; of a long one, the first, the last, the lowest and the highest in each of some hundred columns. */
function thinned({ x, y }: Series, series: number): Point[] {
  const length = Math.min(x.length, y.length);
  const points: Point[] = [];
  const push = (at: number): void => {
    if (Number.isFinite(x[at])) points.push({ series, x: x[at], y: Number.isFinite(y[at]) ? y[at] : null });
  };
  const stride = Math.ceil(length / columns);
  for (let start = 0; start < length; start += stride) {
    const end = Math.min(start + stride, length);
    const kept = new Set([start, end - 1]);
    let lowest = start;
    let highest = start;
    for (let at = start; at < end; at++) {
      if (!Number.isFinite(y[at])) kept.add(at);
      if (!(y[lowest] <= y[at])) lowest = at;
      if (!(y[highest] >= y[at])) highest = at;
    }
    for (const at of [...kept.add(lowest).add(highest)].sort((a, b) => a - b)) push(at);
  }
  return points;
}
