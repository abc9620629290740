import { describe, expect, test } from "vitest";
import { type Bar, barChart, heatMap, type LineSeries, lineChart } from "./index.js";
import { hostile, parseMarkup } from "./testing.js";

const axes = { xTitle: "step", yTitle: "loss (nats)" };
const range = (length: number): number[] => Array.from({ length }, (_, i) => i);

/** The paths of one kind of mark. */
function marks(svg: string, kind: string): string[] {
  const groups = svg.split(`class="mark-${kind} role-mark`).slice(1);
  return groups.flatMap((group) => [...group.split("</g>")[0].matchAll(/ d="([^"]*)"/g)].map(([, path]) => path));
}

function points(path: string): { x: number; y: number }[] {
  return [...path.matchAll(/[ML](-?[\d.e-]+),(-?[\d.e-]+)/g)].map(([, x, y]) => ({ x: Number(x), y: Number(y) }));
}

/** A chart's whole text must be well-formed, and name nothing outside itself. */
function check(svg: string): string {
  const elements = parseMarkup(svg);
  const [root] = elements;
  expect(root.name).toBe("svg");
  expect(Number(root.attributes.get("width"))).toBeGreaterThan(0);
  expect(Number(root.attributes.get("height"))).toBeGreaterThan(0);
  expect(root.attributes.get("aria-label")).toBeTruthy();
  for (const { attributes } of elements) {
    for (const [name, value] of attributes) {
      if (name === "aria-label" || name === "xmlns") continue;
      expect(value).not.toMatch(/NaN|Infinity|undefined|:\/\/|url\((?!#)/);
    }
  }
  return svg;
}

describe("line charts", () => {
  test("draw each series where its numbers lie", async () => {
    const series = [
      { name: "up", x: [0, 1, 2], y: [0, 5, 10] },
      { name: "down", x: [0, 1, 2], y: Float64Array.of(10, 5, 0) },
    ];
    const svg = check(await lineChart({ ...axes, series, width: 200, height: 100 }));
    const [up, down] = marks(svg, "line").map(points);
    expect(up).toEqual([
      { x: 0, y: 100 },
      { x: 100, y: 50 },
      { x: 200, y: 0 },
    ]);
    expect(down.map(({ y }) => y)).toEqual([0, 50, 100]);
    for (const text of ["up", "down", "step", "loss (nats)"]) expect(svg).toContain(`>${text}</text>`);
  });

  test("break where a number is missing", async () => {
    const y = [1, 2, Number.NaN, 4, Number.POSITIVE_INFINITY, 6, 7];
    const svg = check(await lineChart({ ...axes, series: [{ name: "a", x: range(7), y }] }));
    const [path] = marks(svg, "line");
    expect(path.match(/M/g)).toHaveLength(3);
    expect(points(path)).toHaveLength(5);
  });

  test("of a long series keep its size down and its extremes", async () => {
    const y = range(100_000).map((i) => Math.sin(i / 5000));
    y[77_777] = 9;
    y[33_333] = -9;
    const series = [{ name: "a", x: range(y.length), y }];
    const svg = check(await lineChart({ ...axes, series, yDomain: [-9, 9], height: 180 }));
    const drawn = points(marks(svg, "line")[0]);
    expect(drawn.length).toBeLessThan(1500);
    expect(Math.min(...drawn.map((point) => point.y))).toBe(0);
    expect(Math.max(...drawn.map((point) => point.y))).toBe(180);
    expect(drawn.map((point) => point.x)).toEqual(drawn.map((point) => point.x).sort((a, b) => a - b));
  });

  test("are logarithmic only where that is possible", async () => {
    const chart = (y: number[]) =>
      lineChart({
        ...axes,
        series: [{ name: "a", x: [0, 1, 2], y }],
        logarithmic: true,
        yDomain: [1, 100],
        height: 100,
      });
    expect(points(marks(await chart([1, 10, 100]), "line")[0]).map(({ y }) => Math.round(y))).toEqual([100, 50, 0]);
    expect(points(marks(await chart([0, 10, 100]), "line")[0]).map(({ y }) => Math.round(y))).toEqual([101, 91, 0]);
  });

  test("print fractions in percent", async () => {
    const series = [{ name: "a", x: [0, 1], y: [0, 1] }];
    expect(await lineChart({ ...axes, series, yDomain: [0, 1], percent: true })).toContain(">100%</text>");
  });

  const poor: [string, LineSeries[]][] = [
    ["no series", []],
    ["an empty series", [{ name: "a", x: [], y: [] }]],
    ["one point", [{ name: "a", x: [3], y: [4] }]],
    ["constant numbers", [{ name: "a", x: range(5), y: new Float64Array(5).fill(-2) }]],
    ["all 0", [{ name: "a", x: range(5), y: new Float64Array(5) }]],
    ["nothing finite", [{ name: "a", x: range(3), y: [Number.NaN, Number.NaN, Number.NEGATIVE_INFINITY] }]],
    ["x not finite", [{ name: "a", x: [Number.NaN, 1, Number.POSITIVE_INFINITY], y: [1, 2, 3] }]],
    ["one x for all", [{ name: "a", x: [2, 2, 2], y: [1, 2, 3] }]],
    ["lists of two lengths", [{ name: "a", x: range(5), y: [1, 2] }]],
    [
      "two series of one name",
      [
        { name: "a", x: [0, 1], y: [0, 1] },
        { name: "a", x: [0, 1], y: [1, 0] },
      ],
    ],
    ["huge numbers", [{ name: "a", x: range(2), y: [-1e308, 1e308] }]],
    [
      "a hostile name",
      [
        { name: hostile, x: [0, 1], y: [0, 1] },
        { name: "b", x: [0, 1], y: [1, 0] },
      ],
    ],
    ["twenty series", range(20).map((i) => ({ name: `s${i}`, x: [0, 1], y: [i, 0] }))],
  ];
  test.each(poor)("of %s are still pictures", async (_, series) => {
    check(await lineChart({ ...axes, series, title: hostile }));
    check(await lineChart({ ...axes, series, logarithmic: true }));
  });

  test("say that there is no data", async () => {
    expect(await lineChart({ ...axes, series: [] })).toContain(">no data</text>");
  });

  test("of equal data are equal text, whatever was drawn between", async () => {
    const series = [{ name: "a", x: [0, 1], y: [0, 1] }];
    const first = await lineChart({ ...axes, series });
    await heatMap({ ...axes, steps: [[1]], colorTitle: "p" });
    expect(await lineChart({ ...axes, series })).toBe(first);
  });
});

describe("bar charts", () => {
  const bars: Bar[] = [
    { label: "add", value: 1 },
    { label: "gcd", value: 0.5 },
    { label: "add", value: 0.25 },
  ];
  const sizes = (svg: string) =>
    marks(svg, "rect").map((path) => /h(-?[\d.]+)v(-?[\d.]+)/.exec(path)?.slice(1, 3).map(Number) ?? []);

  test("draw each bar as long as its number, labels that repeat included", async () => {
    const lying = check(await barChart({ ...axes, bars, horizontal: true, most: 1, width: 200, percent: true }));
    expect(sizes(lying).map(([width]) => width)).toEqual([200, 100, 50]);
    for (const text of ["100%", "50%", "25%"]) expect(lying).toContain(`>${text}</text>`);
    const standing = check(await barChart({ ...axes, bars, most: 1, height: 80 }));
    expect(sizes(standing).map(([, height]) => height)).toEqual([80, 40, 20]);
  });

  test("draw negative numbers on the other side of 0", async () => {
    const signed = [
      { label: "a", value: -1 },
      { label: "b", value: 1 },
    ];
    const svg = check(await barChart({ ...axes, bars: signed, horizontal: true, width: 200 }));
    expect(sizes(svg).map(([width]) => width)).toEqual([100, 100]);
  });

  const poor: [string, Bar[]][] = [
    ["nothing", []],
    ["zeros", [{ label: "a", value: 0 }]],
    [
      "nothing finite",
      [
        { label: "a", value: Number.NaN },
        { label: "b", value: Number.POSITIVE_INFINITY },
      ],
    ],
    ["hostile labels", [{ label: hostile, value: 1 }]],
  ];
  test.each(poor)("of %s are still pictures", async (_, list) => {
    check(await barChart({ ...axes, bars: list, title: hostile }));
    check(await barChart({ ...axes, bars: list, horizontal: true }));
  });
});

describe("heat maps", () => {
  const oneHot = (value: number, n: number): number[] => range(n).map((v) => Number(v === value));
  const options = { xTitle: "step", yTitle: "value", colorTitle: "probability" };
  const fills = (svg: string): string[] => {
    const [, group] = svg.split('class="mark-rect role-mark');
    return [...(group ?? "").split("</g>")[0].matchAll(/fill="([^"]*)"/g)].map(([, fill]) => fill);
  };

  test("draw a certain value in the darkest shade, at its row and step", async () => {
    const steps = [oneHot(0, 4), oneHot(2, 4), oneHot(3, 4)];
    const svg = check(await heatMap({ ...options, steps, width: 30, rowHeight: 10 }));
    expect(marks(svg, "rect")).toEqual(["M0,30h10v10h-10Z", "M10,10h10v10h-10Z", "M20,0h10v10h-10Z"]);
    expect(new Set(fills(svg))).toEqual(new Set(["rgb(8, 48, 107)"]));
    const downward = await heatMap({ ...options, steps, width: 30, rowHeight: 10, downward: true });
    expect(marks(downward, "rect")).toEqual(["M0,0h10v10h-10Z", "M10,20h10v10h-10Z", "M20,30h10v10h-10Z"]);
  });

  test("join cells of one shade, with no seam to the next", async () => {
    const steps = range(50).map((t) => (t < 20 ? [0.5, 0.5] : [1, 0]));
    const svg = check(await heatMap({ ...options, steps, width: 50, rowHeight: 10 }));
    expect(marks(svg, "rect")).toEqual(["M0,10h20.4v10h-20.4Z", "M20,10h30v10h-30Z", "M0,0h20v10h-20Z"]);
  });

  test("of many steps have as many columns as can be told apart, over all steps", async () => {
    const steps = range(5000).map((t) => oneHot(t % 2, 2));
    const svg = check(await heatMap({ ...options, steps }));
    expect(marks(svg, "rect").length).toBeLessThanOrEqual(2 * 240);
    expect(svg).toContain(">5000</text>");
    expect(svg).toContain(">step (a column is the mean of 21)</text>");
  });

  test("show what is no number in a shade of its own", async () => {
    const steps = [[Number.NaN, 0.5, Number.NEGATIVE_INFINITY]];
    const svg = check(await heatMap({ ...options, steps }));
    expect(fills(svg).filter((fill) => fill === "#e3c4c4")).toHaveLength(2);
  });

  test("draw a path over the shades, and a line before a step", async () => {
    const steps = [oneHot(0, 4), oneHot(0, 4), oneHot(2, 4)];
    const svg = check(await heatMap({ ...options, steps, width: 30, rowHeight: 10, path: [0, 0, 2], mark: 2 }));
    const rules = svg.split('class="mark-rule role-mark').slice(1);
    expect(rules).toHaveLength(2);
    expect(
      [...rules[0].split("</g>")[0].matchAll(/transform="([^"]*)" x2="([^"]*)" y2="([^"]*)"/g)].map((m) => m.slice(1)),
    ).toEqual([
      ["translate(0,35)", "20", "0"],
      ["translate(20,15)", "10", "0"],
    ]);
    expect(rules[1]).toContain('transform="translate(20,-14)" x2="0" y2="54"');
    expect(svg).toContain(">step 2</text>");
    expect(marks(svg, "symbol")).toHaveLength(0);
  });

  test("show where a path ends before the last step", async () => {
    const steps = [oneHot(0, 4), oneHot(1, 4), oneHot(2, 4)];
    const svg = check(await heatMap({ ...options, steps, width: 30, rowHeight: 10, path: [0, 1] }));
    const [, ends] = svg.split('class="mark-symbol role-mark');
    expect(ends).toContain('transform="translate(20,25)"');
    const early = check(await heatMap({ ...options, steps, path: [], mark: 0 }));
    expect(early).toContain(">step 0</text>");
  });

  test("label rows with text, each at its row", async () => {
    const svg = check(await heatMap({ ...options, steps: [oneHot(1, 2)], rowLabels: ["0 add r0 r1 r0", "1 halt"] }));
    for (const text of ["0 add r0 r1 r0", "1 halt"]) expect(svg).toContain(`>${text}</text>`);
  });

  const poor: [string, number[][]][] = [
    ["no steps", []],
    ["steps without rows", [[], []]],
    ["one cell", [[1]]],
    ["steps of several lengths", [[1], [0, 1], []]],
    [
      "all 0",
      [
        [0, 0],
        [0, 0],
      ],
    ],
    ["numbers out of range", [[-5, 7]]],
  ];
  test.each(poor)("of %s are still pictures", async (_, steps) => {
    check(await heatMap({ ...options, steps }));
    check(
      await heatMap({ ...options, steps, title: hostile, rowLabels: [hostile, "b"], domain: [3, 3], legend: false }),
    );
  });

  test("in one page have ids of their own", async () => {
    const ids = (svg: string) => [...svg.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id);
    const first = await heatMap({ ...options, steps: [[1]], idPrefix: "one" });
    const second = await heatMap({ ...options, steps: [[1]], idPrefix: "two" });
    expect(ids(first)).toEqual(["one-0"]);
    expect(ids(second)).toEqual(["two-0"]);
    expect(first).toContain("url(#one-0)");
  });
});
