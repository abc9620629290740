/**
 * A run of the soft machine in one picture: time goes to the right and is the same in every panel; entropies, the counter
 * beside the assembly, registers, and the memory rows that change. An exact run, where there is one, is drawn over it.
 */

import { numberText } from "../scheme/index.js";
import { categoryColors, fontFamily, heatColors, mutedColor, textColor } from "./chart-style.js";
import { heatMap } from "./heat-map.js";
import { escapeHtml } from "./html.js";
import type { HeatPanel, Numbers, SoftRunSection } from "./report-content.js";
import { stacked } from "./stacked.js";

/** Longer instructions end in an ellipsis beside the counter. */
const longestLabel = 30;
/** Characters of a line of the heading. */
const mostCharacters = 115;
const plotWidth = 620;
/** The most pixels that the rows of one distribution take together. */
const registerHeight = 110;
const memoryHeight = 48;

/** Lines of the program at which a run may be: from `first` to `last` of `count`. */
export interface VisitedLines {
  readonly first: number;
  readonly last: number;
  readonly count: number;
}

export function visitedLines({ counter, exactCounter = [] }: SoftRunSection): VisitedLines {
  const count = counter.reduce((most, step) => Math.max(most, step.length), 0);
  const at = new Set(Array.from(exactCounter));
  const visited = Array.from({ length: count }, (_, line) => at.has(line) || counter.some((step) => step[line] > 0));
  const first = Math.max(0, visited.indexOf(true));
  return { first, last: Math.max(first, visited.lastIndexOf(true)), count };
}

/** Panels that change, which are drawn. */
export const changing = (panels: readonly HeatPanel[]): HeatPanel[] =>
  panels.filter(({ steps }) => steps.some((step) => Array.from(step).some((value, at) => value !== steps[0][at])));

/** Draws a run; with `heading` its name and what is said of it too, so that the picture stands alone. */
export async function softRunPicture(run: SoftRunSection, idPrefix: string, heading = false): Promise<string> {
  const registers = changing(run.registers);
  const panels = [...registers, ...changing(run.memory)];
  const common = { xTitle: "", legend: false, width: plotWidth };
  const entropies = [
    run.counter.map(entropyOf),
    ...panels.map(({ steps, inBits }) => steps.map(inBits ? entropyOfBits : entropyOf)),
  ];
  const most = Math.max(1, ...entropies.flat());
  const pictures = [
    await heatMap({
      ...common,
      title: `Entropies: the darkest is ${numberText(most, 3)} bits`,
      steps: run.counter.map((_, step) => entropies.map((part) => part[step])),
      rowLabels: ["counter", ...panels.map(({ name }) => name)],
      yTitle: "",
      colorTitle: "entropy in bits",
      domain: [0, most],
      downward: true,
      rowHeight: 14,
      idPrefix: `${idPrefix}-e`,
    }),
    await counterPicture(run, `${idPrefix}-c`),
  ];
  for (const [i, { name, steps, exact, lost, inBits }] of panels.entries()) {
    const rows = Math.max(1, ...steps.map((step) => step.length));
    pictures.push(
      await heatMap({
        ...common,
        title: name,
        steps,
        path: exact,
        mark: lost,
        xTitle: i === panels.length - 1 ? "step" : "",
        yTitle: inBits ? "bit" : "value",
        colorTitle: inBits ? "probability of 1" : "probability",
        rowHeight: Math.min(12, (i < registers.length ? registerHeight : memoryHeight) / rows),
        idPrefix: `${idPrefix}-${i}`,
      }),
    );
  }
  const description = `The soft run of ${run.name}: entropies, program counter, registers and memory over time`;
  const picture = stacked(pictures, description, "right");
  return heading ? stacked([headingOf(run), picture], description) : picture;
}

async function counterPicture(run: SoftRunSection, idPrefix: string): Promise<string> {
  const { assembly, counter, halted, exactCounter, counterLost } = run;
  const { first, last, count } = visitedLines(run);
  const texts = new Map(
    assembly.flatMap(({ line, text }) => (line === undefined ? [] : [[line, text.trim()] as const])),
  );
  const lines =
    count === 0 ? [] : Array.from({ length: last - first + 1 }, (_, i) => lineLabel(first + i, last, texts));
  const shown = counter.map((step, t) => {
    const now: number[] = Array.from(step).slice(first, last + 1);
    return halted === undefined ? now : [...now, halted[t]];
  });
  return heatMap({
    title: "Program counter",
    steps: shown,
    path: exactCounter === undefined ? undefined : Array.from(exactCounter, (line) => line - first),
    mark: counterLost,
    rowLabels: halted === undefined || lines.length === 0 ? lines : [...lines, "halted"],
    xTitle: "",
    yTitle: "",
    colorTitle: "probability",
    downward: true,
    legend: false,
    width: plotWidth,
    rowHeight: 15,
    idPrefix,
  });
}

function lineLabel(line: number, last: number, texts: ReadonlyMap<number, string>): string {
  const text = (texts.get(line) ?? "").replace(/\s+/g, " ");
  const cut = text.length > longestLabel ? `${text.slice(0, longestLabel - 1)}…` : text;
  return `${String(line).padStart(String(last).length, " ")} ${cut}`.trimEnd();
}

function entropyOf(step: Numbers): number {
  let bits = 0;
  for (let i = 0; i < step.length; i++) if (step[i] > 0) bits -= step[i] * Math.log2(step[i]);
  return Math.max(0, bits);
}

/** Of independent bits, each with the probability that it is 1. */
const entropyOfBits = (step: Numbers): number => Array.from(step).reduce((bits, p) => bits + entropyOf([p, 1 - p]), 0);

/** Text in lines that fit into the picture. */
function wrapped(text: string): string[] {
  const lines = [""];
  for (const word of text.split(" ")) {
    const last = lines[lines.length - 1];
    if (last !== "" && last.length + 1 + word.length > mostCharacters) lines.push(word);
    else lines[lines.length - 1] = last === "" ? word : `${last} ${word}`;
  }
  return lines;
}

/** Name, description, outcome, what became of certainty, and what shades and lines mean. */
function headingOf({ name, description, outcome = [], certainty = [], exactCounter }: SoftRunSection): string {
  const line = (y: number, size: number, color: string, weight: number, text: string) =>
    `<text x="6" y="${y}" font-family="${escapeHtml(fontFamily)}" font-size="${size}" font-weight="${weight}" fill="${color}">${escapeHtml(text)}</text>`;
  let y = 24;
  const parts = [line(y, 18, textColor, 600, name)];
  const said = [description, ...outcome, ...certainty].filter((text) => text !== undefined);
  for (const text of said.flatMap(wrapped)) {
    y += 19;
    parts.push(line(y, 13, textColor, 400, text));
  }
  y += 22;
  const shades = heatColors.map(
    (color, i) => `<rect x="${96 + 24 * i}" y="${y - 11}" width="24" height="12" fill="${color}"/>`,
  );
  parts.push(line(y, 12, mutedColor, 400, "probability 0"), ...shades);
  parts.push(`<g transform="translate(${96 + 24 * heatColors.length}, 0)">${line(y, 12, mutedColor, 400, "1")}`);
  if (exactCounter !== undefined) {
    parts.push(
      `<path d="M40 ${y - 5}h24" stroke="${categoryColors[1]}" stroke-width="2"/>`,
      `<g transform="translate(64, 0)">${line(y, 12, mutedColor, 400, "exact run")}</g>`,
      `<circle cx="150" cy="${y - 5}" r="3.6" fill="${categoryColors[1]}"/>`,
      `<g transform="translate(152, 0)">${line(y, 12, mutedColor, 400, "its end")}</g>`,
      `<path d="M222 ${y - 12}v14" stroke="${textColor}" stroke-dasharray="3 2"/>`,
      `<g transform="translate(224, 0)">${line(y, 12, mutedColor, 400, "certainty lost")}</g>`,
    );
  }
  parts.push("</g>");
  const width = 880;
  return `<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="${escapeHtml(name)}" width="${width}" height="${y + 8}" viewBox="0 0 ${width} ${y + 8}">${parts.join("")}</svg>`;
}
