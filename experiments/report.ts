/** The report: everything a run has shown, as one HTML page that needs nothing but itself. */
import path from "node:path";
import writeFileAtomic from "write-file-atomic";
import { messageOf, SoftmachineError } from "../scheme/index.js";
import { makeFolder } from "../tensor/index.js";
import { Html, html } from "./html.js";
import type { ReportContent } from "./report-content.js";
import { askedSection, comparisonSection, figureList, librarySection, trainingSection } from "./report-sections.js";
import { reportStyle } from "./report-style.js";
import { softRunSection } from "./soft-run-section.js";

/**
 * Writes the report at a path, making its folders; a page already there is replaced whole or not at all.
 *
 * @throws SoftmachineError naming the path, if it cannot be written.
 */
export async function writeReport(file: string, content: ReportContent): Promise<void> {
  const page = await reportPage(content);
  try {
    makeFolder(path.dirname(file));
    await writeFileAtomic(file, page, "utf8");
  } catch (error) {
    throw new SoftmachineError(`the report could not be written to ${file}: ${messageOf(error)}`);
  }
}

/** The report's HTML: pictures as inline SVG, style inline, no script, no outside address. Equal content gives equal text. */
export async function reportPage(content: ReportContent): Promise<string> {
  const sections = await sectionsOf(content);
  const links = sections.map(({ id, title }) => html`<li><a href="#${id}">${title}</a></li>`);
  const bodies = sections.map(
    ({ id, title, body }) => html`<section id="${id}"><h2>${title}</h2>
${body}
</section>
`,
  );
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${content.title}</title>
<style>${new Html(reportStyle)}</style>
</head>
<body>
<header><h1>${content.title}</h1>
${content.summary !== undefined && html`<p>${content.summary}</p>`}
</header>
${links.length > 1 && html`<nav aria-label="Sections"><ul>${links}</ul></nav>`}
<main>
${content.figures.length > 0 && figureList(content.figures)}
${bodies}</main>
<footer>Written by softmachine.</footer>
</body>
</html>
`.markup;
}

interface Section {
  id: string;
  title: string;
  body: Html;
}

async function sectionsOf(content: ReportContent): Promise<Section[]> {
  let drawn = 0;
  const figureNames = (): string => `figure-${++drawn}`;
  const { library, comparisons, training, asked, softRuns } = content;
  const sections: Section[] = [];
  if (library !== undefined) sections.push({ id: "library", title: "The library", body: librarySection(library) });
  if (comparisons !== undefined) {
    const body =
      comparisons.length > 0 ? html`${comparisons.map(comparisonSection)}` : html`<p>No program was compared.</p>`;
    sections.push({ id: "paths", title: "One program, every path", body });
  }
  if (training !== undefined) {
    sections.push({
      id: "training",
      title: "Training from answers alone",
      body: await trainingSection(training, figureNames),
    });
  }
  if (asked !== undefined) {
    sections.push({ id: "sentences", title: "Sentences asked", body: await askedSection(asked, figureNames) });
  }
  if (softRuns !== undefined) {
    const bodies: Html[] = [];
    for (const run of softRuns) bodies.push(await softRunSection(run, figureNames));
    const body = bodies.length > 0 ? html`${bodies}` : html`<p>No soft run was traced.</p>`;
    sections.push({ id: "soft-run", title: "The soft machine, step by step", body });
  }
  return sections;
}
