/** The report's sections but the soft runs: summary figures, library, one program on every path, training, sentences. */

import { numberText, percentText, secondsText } from "../scheme/index.js";
import { calibrationCharts } from "./calibration-chart.js";
import { barChart, type LineSeries, lineChart } from "./charts.js";
import { type Column, Html, type HtmlPart, html, table, type WideCell } from "./html.js";
import type {
  AskedSentence,
  Choice,
  ComparisonSection,
  Figure,
  LibrarySection,
  Numbers,
  PathResult,
  Series,
  TrainingSection,
} from "./report-content.js";

/** Gives each picture of a page its own prefix for ids. */
export type FigureNames = () => string;

const absent = "—";

export function figureList(figures: readonly Figure[]): Html {
  const items = figures.map(
    ({
      label,
      value,
      note,
    }) => html`<div><dt>${label}</dt><dd>${typeof value === "number" ? numberText(value) : value}</dd>${
      note !== undefined && html`<dd class="note">${note}</dd>`
    }</div>
`,
  );
  return html`<dl class="figures">${items}</dl>`;
}

export function librarySection({ n, description, programs }: LibrarySection): Html {
  const verified = programs.filter((program) => program.verified).length;
  const counted = `${verified} of ${programs.length} programs verified${n === undefined ? "" : `, values 0 to ${n - 1}`}.`;
  const columns: Column[] = [
    { heading: "Program" },
    { heading: "What it computes", holds: "prose" },
    { heading: "Instructions", holds: "numbers" },
    { heading: "Registers", holds: "numbers" },
    { heading: "Steps, worst", holds: "numbers" },
    { heading: "Steps, mean", holds: "numbers" },
    { heading: "Inputs checked", holds: "numbers" },
    { heading: "Verified" },
  ];
  const rows = programs.map((program) => [
    html`<code>${[program.name, ...program.operands].join(" ")}</code>`,
    html`${program.description}${program.note !== undefined && html` <span class="note">${program.note}</span>`}`,
    numberText(program.instructions),
    numberText(program.registers),
    optional(program.worstSteps, numberText),
    optional(program.meanSteps, (steps) => numberText(steps, 3)),
    optional(program.inputsChecked, numberText),
    verdict(program.verified, "yes", "no"),
  ]);
  return html`<p>${counted} ${description}</p>
${programs.length > 0 && table(columns, rows)}`;
}

export function comparisonSection({ name, source, inputs, description, paths }: ComparisonSection): Html {
  const slopes = [...new Set(paths.flatMap(({ gradient }) => Object.keys(gradient ?? {})))];
  const given = Object.entries(inputs).map(([input, value]) => `${input} = ${numberText(value)}`);
  const columns: Column[] = [
    { heading: "Path" },
    { heading: "Value", holds: "numbers" },
    ...slopes.map((input): Column => ({ heading: `∂/∂${input}`, holds: "numbers" })),
    { heading: "Largest difference", holds: "numbers" },
    { heading: "Time an evaluation", holds: "numbers" },
    // A remark in place of an answer has the whole row.
    { heading: "Remark", ...(paths.some(({ value, note }) => value !== undefined && note) ? { holds: "prose" } : {}) },
  ];
  const noAnswer = ({ note }: PathResult): WideCell[] => {
    return [{ columns: columns.length - 1, cell: html`<span class="note">${note ?? "no answer"}</span>` }];
  };
  const answerCells = (path: PathResult, value: number): HtmlPart[] => [
    numberText(value, 10),
    ...slopes.map((input) => optional(path.gradient?.[input], (slope) => numberText(slope, 10))),
    differenceText(path),
    optional(path.seconds, secondsText),
    html`<span class="note">${path.note}</span>`,
  ];
  const rows = paths.map((path) => [
    path.path,
    ...(path.value === undefined ? noAnswer(path) : answerCells(path, path.value)),
  ]);
  return html`${
    name !== undefined &&
    html`<h3>${name}</h3>
`
  }${
    description !== undefined &&
    html`<p>${description}</p>
`
  }<pre><code>${source.trim()}</code></pre>
${
  given.length > 0 &&
  html`<p class="muted">${given.join(", ")}</p>
`
}${table(columns, rows)}`;
}

function differenceText({ difference }: PathResult): HtmlPart {
  if (difference === undefined) return absent;
  return difference === 0 ? html`<span class="yes">equal</span>` : numberText(difference, 2);
}

export async function trainingSection(training: TrainingSection, figureNames: FigureNames): Promise<Html> {
  const { description, loss, accuracy, programAccuracy, calibration, figures } = training;
  const charts = [
    await lineChart({
      title: "Loss",
      series: loss.flatMap(withMovingMean),
      xTitle: "training step",
      yTitle: "loss (nats an example)",
      idPrefix: figureNames(),
    }),
    await lineChart({
      title: "Accuracy",
      series: accuracy,
      xTitle: "training step",
      yTitle: "right answers (%)",
      yDomain: [0, 1],
      percent: true,
      idPrefix: figureNames(),
    }),
  ];
  if (programAccuracy !== undefined) {
    charts.push(
      await barChart({
        title: "Held-out accuracy of each program",
        bars: programAccuracy,
        xTitle: "right answers (%)",
        yTitle: "",
        horizontal: true,
        percent: true,
        most: 1,
        width: 300,
        idPrefix: figureNames(),
      }),
    );
  }
  if (calibration !== undefined) {
    charts.push(...(await calibrationCharts(calibration, [figureNames(), figureNames()])));
  }
  return html`${
    description !== undefined &&
    html`<p>${description}</p>
`
  }${figures !== undefined && figureList(figures)}
<div class="charts">${charts.map((svg) => picture(svg))}</div>`;
}

/** A long, noisy series becomes itself, pale, and its mean over the steps around each. */
function withMovingMean(series: Series): LineSeries[] {
  const length = Math.min(series.x.length, series.y.length);
  if (length < 80) return [series];
  const reach = Math.max(2, Math.floor(length / 80));
  const mean = `mean of ${2 * reach + 1}`;
  return [
    { ...series, name: `${series.name}, each`, faint: true },
    { name: `${series.name}, ${mean}`, x: series.x, y: movingMean(series.y, length, reach) },
  ];
}

/** The mean of the finite numbers within `reach` places. */
function movingMean(values: Numbers, length: number, reach: number): Float64Array {
  const means = new Float64Array(length);
  for (let at = 0; at < length; at++) {
    let sum = 0;
    let count = 0;
    for (let near = Math.max(0, at - reach); near <= Math.min(length - 1, at + reach); near++) {
      if (!Number.isFinite(values[near])) continue;
      sum += values[near];
      count++;
    }
    means[at] = sum / count;
  }
  return means;
}

export async function askedSection(sentences: readonly AskedSentence[], figureNames: FigureNames): Promise<Html> {
  if (sentences.length === 0) return html`<p>No sentences were asked.</p>`;
  const cards: Html[] = [];
  for (const sentence of sentences) cards.push(await sentenceCard(sentence, figureNames));
  return html`${cards}`;
}

async function sentenceCard(sentence: AskedSentence, figureNames: FigureNames): Promise<Html> {
  const { text, programs, operands, exactAnswer, softAnswer, expected, answers } = sentence;
  const [program, ...others] = programs;
  const runnersUp = others.filter(({ probability }) => probability >= 0.001).slice(0, 3);
  const agree = String(exactAnswer) === String(softAnswer.choice);
  const facts: [string, HtmlPart][] = [
    ["Operands parsed", operands.length > 0 ? operands.map(choiceText).join(", ") : "none"],
    [
      "Program that ran",
      program === undefined ? "none" : html`<code>${program.choice}</code> (${percentText(program.probability)})`,
    ],
    ["Runners-up", runnersUp.length > 0 && runnersUp.map(choiceText).join(", ")],
    ["Exact path", html`<strong>${answerText(exactAnswer)}</strong>`],
    ["Soft path", html`<strong>${answerText(softAnswer.choice)}</strong> (${percentText(softAnswer.probability)})`],
    ["Paths", verdict(agree, "agree", "differ")],
    [
      "Right answer",
      expected !== undefined &&
        html`${answerText(expected)} ${verdict(String(expected) === String(exactAnswer), "✓", "✗")}`,
    ],
  ];
  const list = facts.map(
    ([name, value]) =>
      value !== false &&
      html`<dt>${name}</dt><dd>${value}</dd>
`,
  );
  const chart =
    answers !== undefined &&
    (await barChart({
      title: "The soft path's answers",
      bars: Array.from(answers, (value, answer) => ({ label: String(answer), value })),
      xTitle: "answer",
      yTitle: "probability (%)",
      percent: true,
      most: 1,
      width: 360,
      height: 110,
      idPrefix: figureNames(),
    }));
  return html`<div class="card"><blockquote>${text}</blockquote>
<div class="halves"><dl>${list}</dl>${chart !== false && picture(chart)}</div></div>
`;
}

function answerText(answer: number | string): string {
  return typeof answer === "number" ? numberText(answer) : answer;
}

function choiceText({ choice, probability }: Choice): string {
  return `${answerText(choice)} (${percentText(probability)})`;
}

/** An SVG string as a figure; a wide one scrolls sideways on a narrow page, where it would shrink past reading. */
export function picture(svg: string, { caption, wide = false }: { caption?: string; wide?: boolean } = {}): Html {
  return html`<figure${wide && html` class="wide"`}>${new Html(svg)}${caption !== undefined && html`<figcaption>${caption}</figcaption>`}</figure>
`;
}

function verdict(good: boolean, yes: string, no: string): Html {
  return html`<span class="${good ? "yes" : "no"}">${good ? yes : no}</span>`;
}

function optional(value: number | undefined, text: (value: number) => string): string {
  return value === undefined ? absent : text(value);
}
