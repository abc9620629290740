/** A run of the soft machine as heat maps: the counter beside the assembly, then registers, then memory. */
import { heatColors } from "./chart-style.js";
import { lineChart } from "./charts.js";
import { heatMap } from "./heat-map.js";
import { type Html, html } from "./html.js";
import type { AssemblyLine, DistributionOverTime, HeatPanel, SoftRunSection } from "./report-content.js";
import { type FigureNames, picture } from "./report-sections.js";

/** Longer instructions end in an ellipsis beside the counter; the whole text stands below. */
const longestLabel = 30;

export async function softRunSection(run: SoftRunSection, figureNames: FigureNames): Promise<Html> {
  const { name, description, assembly, counter, registers, memory, halted } = run;
  const counterFigure = await counterPicture(assembly, counter, figureNames);
  const haltedChart =
    halted !== undefined &&
    picture(
      await lineChart({
        title: "Halted",
        series: [{ name: "halted", x: Array.from(halted, (_, step) => step), y: halted }],
        xTitle: "step",
        yTitle: "probability (%)",
        yDomain: [0, 1],
        percent: true,
        width: 300,
        height: 160,
        idPrefix: figureNames(),
      }),
    );
  return html`<h3>${name}</h3>
${
  description !== undefined &&
  html`<p>${description}</p>
`
}${shadeScale()}
<div class="beside">${counterFigure}${haltedChart}</div>
${await panels("Registers over time", registers, "register", figureNames)}
${await panels("Memory over time", memory, "memory cell", figureNames)}
<details><summary>Assembly text</summary>
<pre><code>${assembly.map(assemblyText)}</code></pre></details>`;
}

async function counterPicture(
  assembly: readonly AssemblyLine[],
  counter: DistributionOverTime,
  figureNames: FigureNames,
): Promise<Html> {
  const lines = counter.reduce((most, step) => Math.max(most, step.length), 0);
  const visited = Array.from({ length: lines }, (_, line) => counter.some((step) => step[line] > 0));
  const first = Math.max(0, visited.indexOf(true));
  const last = Math.max(first, visited.lastIndexOf(true));
  const texts = new Map(
    assembly.flatMap(({ line, text }) => (line === undefined ? [] : [[line, text.trim()] as const])),
  );
  const svg = await heatMap({
    title: "Program counter over time",
    steps: counter.map((step) => Array.from(step).slice(first, last + 1)),
    rowLabels: lines === 0 ? [] : Array.from({ length: last - first + 1 }, (_, i) => lineLabel(first + i, last, texts)),
    xTitle: "step",
    yTitle: "",
    colorTitle: "probability",
    downward: true,
    legend: false,
    rowHeight: 15,
    idPrefix: figureNames(),
  });
  const caption =
    lines > last - first + 1
      ? `Lines ${first} to ${last} of ${lines}; the others have probability 0 throughout.`
      : undefined;
  return picture(svg, { caption, wide: true });
}

function lineLabel(line: number, last: number, texts: ReadonlyMap<number, string>): string {
  const text = (texts.get(line) ?? "").replace(/\s+/g, " ");
  const cut = text.length > longestLabel ? `${text.slice(0, longestLabel - 1)}…` : text;
  return `${String(line).padStart(String(last).length, " ")} ${cut}`.trimEnd();
}

/** A picture of each panel that changes, and how many do not. */
async function panels(
  heading: string,
  list: readonly HeatPanel[],
  what: string,
  figureNames: FigureNames,
): Promise<Html | undefined> {
  if (list.length === 0) return undefined;
  const drawn = list.filter(changes);
  const figures: Html[] = [];
  for (const { name, steps } of drawn) {
    const svg = await heatMap({
      title: name,
      steps,
      xTitle: "step",
      yTitle: "value",
      colorTitle: "probability",
      legend: false,
      width: 230,
      rowHeight: 130 / Math.max(1, ...steps.map((step) => step.length)),
      idPrefix: figureNames(),
    });
    figures.push(picture(svg));
  }
  return html`<h4>${heading}</h4>
<div class="panels">${figures}</div>${unchangedNote(list.length - drawn.length, what)}`;
}

function changes({ steps }: HeatPanel): boolean {
  return steps.some((step) => Array.from(step).some((value, at) => value !== steps[0][at]));
}

function unchangedNote(count: number, what: string): Html | undefined {
  if (count === 0) return undefined;
  return html`<p class="note">${count} ${what}${count === 1 ? " keeps its" : "s keep their"} first distribution throughout.</p>
`;
}

/** One scale for all of a run's heat maps. */
function shadeScale(): Html {
  return html`<div class="shades">probability 0 <span style="background: linear-gradient(to right, ${heatColors.join(", ")})"></span> 1</div>`;
}

function assemblyText({ line, text }: AssemblyLine): Html {
  return html`<span class="line-number">${(line === undefined ? "" : String(line)).padStart(4, " ")}</span>  ${text}
`;
}
