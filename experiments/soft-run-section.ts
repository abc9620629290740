/** A run of the soft machine as a section: what became of certainty, and the run in one picture. */
import { categoryColors, heatColors } from "./chart-style.js";
import { type Html, html } from "./html.js";
import type { AssemblyLine, HeatPanel, SoftRunSection } from "./report-content.js";
import { type FigureNames, picture } from "./report-sections.js";
import { changing, softRunPicture, visitedLines } from "./soft-run-picture.js";

export async function softRunSection(run: SoftRunSection, figureNames: FigureNames): Promise<Html> {
  const { name, description, outcome, assembly, registers, memory, certainty, exactCounter } = run;
  const { first, last, count } = visitedLines(run);
  const caption =
    count > last - first + 1
      ? `Lines ${first} to ${last} of ${count}; the others have probability 0 throughout.`
      : undefined;
  return html`<h3>${name}</h3>
${
  description !== undefined &&
  html`<p>${description}</p>
`
}${
  outcome !== undefined &&
  html`<p>${outcome.join(" ")}</p>
`
}${
  certainty !== undefined &&
  html`<ul>${certainty.map((sentence) => html`<li>${sentence}</li>`)}</ul>
`
}${shadeScale(exactCounter !== undefined)}
${picture(await softRunPicture(run, figureNames()), { caption, wide: true })}
${unchangedNote(registers, "register")}${unchangedNote(memory, "memory cell")}<details><summary>Assembly text</summary>
<pre><code>${assembly.map(assemblyText)}</code></pre></details>`;
}

function unchangedNote(panels: readonly HeatPanel[], what: string): Html | undefined {
  const count = panels.length - changing(panels).length;
  if (count === 0) return undefined;
  return html`<p class="note">${count} ${what}${count === 1 ? " keeps its" : "s keep their"} first distribution throughout.</p>
`;
}

/** One scale for all of a run's heat maps. */
function shadeScale(exact: boolean): Html {
  return html`<div class="shades">probability 0 <span style="background: linear-gradient(to right, ${heatColors.join(", ")})"></span> 1${
    exact && html` &nbsp; <b style="color: ${categoryColors[1]}">—</b> exact run, ● its end &nbsp; ¦ certainty lost`
  }</div>`;
}

function assemblyText({ line, text }: AssemblyLine): Html {
  return html`<span class="line-number">${(line === undefined ? "" : String(line)).padStart(4, " ")}</span>  ${text}
`;
}
